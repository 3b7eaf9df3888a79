"""What a form asks, what visitors answer, and what that says of them."""
