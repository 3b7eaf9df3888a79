"""Entry points, settings and the private database: the only part that reads the environment."""
