"""Deliveries put into words when they are sent: a file for each kind."""
