"""What happened, in order, for good: the one event stream everything else reads."""
