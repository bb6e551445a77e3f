"""Whether all around the bridge is well, and what a server really does."""
