"""Views of the leads: which of them, by conditions that people put together, and in which columns; kept and shared."""
