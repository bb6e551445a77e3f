"""The business of shops: orders and what pays for them, renewals, margins and floats.

Where a platform bills itself, an order goes into that platform's cart.
"""
