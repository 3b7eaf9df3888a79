"""Straight: slots that are sums of activities and nothing else, bounded and added to their buckets right where they were summed.

So what all leads are joined to is a column a bucket, however many rules there are; contributions are read from the sums themselves.
"""

from dataclasses import dataclass

import ibis

from vaglio.plan.chains import total
from vaglio.plan.slots import Slot, Slots


@dataclass(frozen=True)
class Straight:
    """A table of sums by lead, the straight slots among its columns ``s_<slot>``, and its number."""

    table: ibis.Table
    slots: tuple[Slot, ...]
    number: int

    def narrow(self) -> ibis.Table:
        """Return the table with ``p_<bucket>_<number>`` [millipoints] in the place of its slots: what they give a bucket together."""
        own = {f"s_{slot.number}" for slot in self.slots}
        others = [name for name in self.table.columns if name not in own]
        buckets = dict.fromkeys(slot.bucket for slot in self.slots)
        return self.table.select(*others, **{f"p_{bucket}_{self.number}": self._given(bucket) for bucket in buckets})

    def _given(self, bucket: int) -> ibis.Value:
        return total(slot.kept(self.table[f"s_{slot.number}"]) for slot in self.slots if slot.bucket == bucket)


def straight(table: ibis.Table, placed: Slots, number: int) -> Straight:
    """Return a table of sums with the straight slots in it."""
    return Straight(table, tuple(slot for slot in placed.slots if slot.is_straight() and f"s_{slot.number}" in table.columns), number)
