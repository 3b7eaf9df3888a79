"""Raw events as they came, identities, activities."""
