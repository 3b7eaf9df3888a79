"""Parting leads so that what is learned from some is measured on others."""

import numpy as np

from vaglio.learning.terms import Floats, Integers


def folds(labels: Floats, number: int, seed: int) -> Integers:
    """Return the fold of each lead: shuffled, with as large a share of outcomes in each."""
    drawn = np.random.default_rng(seed)
    found = np.empty(len(labels), int)
    for label in np.unique(labels):
        of_label = np.flatnonzero(labels == label)
        found[of_label] = drawn.permutation(np.arange(len(of_label)) % number)
    return found
