"""What an account should be, and the backends that make it so."""
