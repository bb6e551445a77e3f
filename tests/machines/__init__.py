"""Several processes as on several machines, on one PostgreSQL."""
