"""Model versions and scores; the one door to the engine."""
