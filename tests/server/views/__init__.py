"""Views of the leads."""
