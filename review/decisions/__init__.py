"""What people said, and what it takes for that to count."""
