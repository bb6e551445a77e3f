"""The API: what programs ask and have done, with a key."""
