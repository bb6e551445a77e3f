"""Billing platforms in, backends out: everything that touches the world or the clock."""
