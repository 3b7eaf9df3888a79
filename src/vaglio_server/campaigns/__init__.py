"""Campaigns and the people in them."""
