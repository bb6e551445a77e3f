"""What must not be forgotten. Constraints hold what a race would break."""
