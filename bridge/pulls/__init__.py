"""What a platform never told: read by its API, and let in by the same door.

Under the same keys, too: a paid line is known by its id, a word by what the account was
when it was missed. Whatever is pulled and told as well, in any order, counts once.
"""
