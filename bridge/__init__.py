"""Billing platforms in, backends out: all that touches the world or the clock."""
