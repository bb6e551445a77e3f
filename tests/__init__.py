"""The suite is the specification: read its names as a list."""
