"""The application (Django). It comes with the next issue; the distribution already holds its name."""
