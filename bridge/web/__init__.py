"""What is reached from outside. Each part is blind to the others."""
