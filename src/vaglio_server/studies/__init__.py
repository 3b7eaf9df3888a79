"""What versions of models say of all leads, counted, and how two of them differ: worked out by workers, kept small."""
