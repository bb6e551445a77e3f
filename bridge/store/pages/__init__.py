"""What pages read: few rows at a time, and only of those whose they are."""
