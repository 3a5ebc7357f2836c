"""What is owed to the outside world, and whether it arrived."""
