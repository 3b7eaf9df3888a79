"""The command line: an entry point, so it may read the clock and the environment."""
