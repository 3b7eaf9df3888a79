"""Leads, accounts, lists and the history of their fields."""
