"""Leads as rows of coefficients: the steps between ascending bands of inputs, and bands alone.

A lead far up an input takes every step below it, so the rows themselves are long. They are kept as the product of two: which bands each
lead is in, one an input, and which coefficients each band sums. Both ways through that product cost what the bands of the leads cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from vaglio.learning.inputs import Input
from vaglio.learning.terms import Codes, Floats

LEAST = 5  # leads on either side of a step


@dataclass(frozen=True)
class Column:
    """One coefficient: an input's step at a band (``is_step``), or its band alone."""

    place: int
    band: int
    is_step: bool


class Design:
    """The rows of some leads: ``leads`` says in which bands they are, ``bands`` which coefficients these sum."""

    def __init__(self, leads: csr_matrix, bands: csr_matrix) -> None:
        self.leads, self.bands = leads, bands
        self._leads_turned, self._bands_turned = csr_matrix(leads.T), csr_matrix(bands.T)

    @property
    def width(self) -> int:
        """How many coefficients there are."""
        return int(self.bands.shape[1])

    def sums(self, coefficients: Floats) -> Floats:
        """Return what the coefficients of each lead add up to."""
        return np.asarray(self.leads @ (self.bands @ coefficients))

    def gathered(self, of_leads: Floats) -> Floats:
        """Return for each coefficient the sum of a number over the leads who have it."""
        return np.asarray(self._bands_turned @ (self._leads_turned @ of_leads))

    def weights(self) -> Floats:
        """Return how far chance pulls at each coefficient: twice the standard deviation of who has it, at most 1."""
        share = self.gathered(np.ones(self.leads.shape[0])) / max(1, self.leads.shape[0])
        return np.asarray(2 * np.sqrt(share * (1 - share)))

    def of(self, which: NDArray[np.bool_]) -> "Design":
        """Return the rows of some of these leads."""
        return Design(self.leads[which], self.bands)

    def only(self, which: NDArray[np.bool_]) -> "Design":
        """Return the rows with some of the coefficients."""
        bands = csr_matrix(self.bands[:, which])
        is_used = np.diff(bands.indptr) > 0
        return Design(self.leads[:, is_used], bands[is_used])


def design_of(inputs: Sequence[Input], codes: Codes) -> tuple[list[Column], Design]:
    """Return the coefficients worth having, and the leads as rows of them.

    Left out are those that tell hardly any lead from the others, and those that tell the same leads as an earlier one.
    """
    kept: list[Column] = []
    seen: set[bytes] = set()
    for column, last in _columns(inputs):
        own = codes[:, column.place]
        is_one = (own >= column.band) & (own <= last)
        mark = np.packbits(is_one).tobytes()
        if min(is_one.sum(), (~is_one).sum()) >= LEAST and mark not in seen:
            seen.add(mark)
            kept.append(column)
    return kept, _factored(inputs, codes, kept)


def _columns(inputs: Sequence[Input]) -> list[tuple[Column, int]]:
    """Return every coefficient of some inputs, and the last band it reaches to."""
    found = []
    for place, each in enumerate(inputs):
        found += [(Column(place, band, is_step=True), each.ordered - 1) for band in range(1, each.ordered)]
        found += [(Column(place, band, is_step=False), band) for band in range(each.ordered, len(each.bands))]
    return found


def _factored(inputs: Sequence[Input], codes: Codes, columns: Sequence[Column]) -> Design:
    starts = np.cumsum([0, *(len(each.bands) for each in inputs)])
    reached = [(starts[each.place] + each.band, starts[each.place] + (inputs[each.place].ordered if each.is_step else each.band + 1))
               for each in columns]  # fmt: skip
    rows = [band for first, end in reached for band in range(first, end)]
    places = [number for number, (first, end) in enumerate(reached) for _ in range(first, end)]
    bands = csr_matrix((np.ones(len(rows)), (rows, places)), shape=(int(starts[-1]), len(columns)))
    is_used = np.diff(bands.indptr) > 0  # a band without a coefficient, as the lowest of most inputs is, costs nothing
    who, which = np.nonzero(codes >= 0)
    at = starts[which] + codes[who, which]
    is_kept = is_used[at]
    leads = csr_matrix((np.ones(int(is_kept.sum())), (who[is_kept], at[is_kept])), shape=(len(codes), int(starts[-1])))
    return Design(leads, bands)
