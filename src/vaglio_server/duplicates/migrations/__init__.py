"""Migrations, named by hand and linear."""
