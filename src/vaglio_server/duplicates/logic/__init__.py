"""What is compared of two leads, and what it says."""
