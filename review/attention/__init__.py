"""What people were shown, and what that asks of them."""
