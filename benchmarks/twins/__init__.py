"""Made leads some of whom are the same person, with who is: for measuring how well duplicates are found.

Written before any matcher was. Changed since to be harder (titles and numbers that differ), and once to grow as life does: among a million
people there are more surnames, firms and towns than among twenty thousand (decision 18). The same seed gives the same leads.
What a careless matcher takes for one person is in here too: families in one firm, father and son of one name, two of one name at a company,
addresses that several people share.
"""

from collections.abc import Iterator
from itertools import combinations
from random import Random

from benchmarks.twins.people import Town, people
from benchmarks.twins.records import Made, first_record, further_record

__all__ = ["Made", "leads", "true_pairs"]
RECORDS = (0.855, 0.12, 0.02, 0.005)  # share of the people who have none, one, two, three further records


def leads(count: int, seed: int) -> list[Made]:
    """Return leads in an order that says nothing."""
    random = Random(f"twins {seed}")
    town = Town(random, count)
    found: list[Made] = []
    for person in people(town, count):
        first = first_record(town, person)
        further = random.choices(range(len(RECORDS)), RECORDS)[0]
        found += [first, *(further_record(town, person, first) for _each in range(further))]
        if len(found) >= count:
            break
    random.shuffle(found)
    return found[:count]


def true_pairs(made: list[Made]) -> Iterator[tuple[int, int]]:
    """Yield the places of leads that are one person, two by two, the smaller first."""
    by_person: dict[int, list[int]] = {}
    for place, each in enumerate(made):
        by_person.setdefault(each.person, []).append(place)
    for places in by_person.values():
        yield from combinations(places, 2)
