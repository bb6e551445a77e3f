"""Platforms, accounts and backends beside each other: read, compared, and woken.

Nothing is repaired here: a lane is woken, and whoever takes it looks again. What a
platform never told comes in by its pull, as at any other time.
"""
