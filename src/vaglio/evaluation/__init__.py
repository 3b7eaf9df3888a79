"""Whether a model is worth having: proved on history, seeing at each instant only what was known then."""
