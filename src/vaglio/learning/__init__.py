"""Learning a model document from outcomes: the same additive document that a person writes (scoring.md §6)."""
