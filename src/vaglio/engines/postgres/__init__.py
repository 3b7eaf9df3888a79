"""PostgreSQL: scores where the data is."""
