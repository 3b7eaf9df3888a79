"""Fit the weights of ``duplicates.logic.comparisons`` to made leads whose truth is known, and print them.

``python -m benchmarks.weigh [--sets LEADS:SEED ...]``. To be run again when a comparison changes; what it prints is written there by hand.

A pair that is not one person is either of two strangers, who agree by chance, the less likely the rarer what they share, or of two who
have a reason to: relatives, namesakes of one firm. So one person stands against both, and every answer has two weights, fitted together:
the odds are 1 / (1 / odds against strangers + 1 / odds against kin). Bounds: an answer that the page shows as speaking against does not
weigh for; none weighs more than ``MOST`` either way; and none more than ``MOST_AGAINST_KIN`` for one person against kin, because real
relatives share mailboxes and telephones, which made ones do not.
"""

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.twins import leads, true_pairs
from vaglio_server.duplicates.engine import CHUNK, EXPECTED, answered, linker, load, opened
from vaglio_server.duplicates.logic.comparisons import COMPARISONS
from vaglio_server.web.pair_words import AGAINST, reasons

SETS = ("20000:601", "20000:602", "60000:603", "200000:604")
LEAST = 1e-7  # pairs that the weights at hand hold less probable teach nothing
MOST, MOST_FOR, MOST_AGAINST_KIN = 12.0, 24.0, 8.0
PULL = 0.02  # how hard a weight is pulled to nothing
ANSWERS = [(each, place) for each in COMPARISONS for place in range(len(each.answers))]
Numbers = NDArray[np.float64]


@dataclass
class Pairs:
    """Compared pairs: which answers each gave, the bits by which what they share is rare less those of so many leads, and the truth."""

    given: Numbers
    rarity: Numbers
    is_one: NDArray[np.bool_]


def compared(count: int, seed: int) -> Pairs:
    """Return the pairs that are compared among made leads."""
    made = leads(count, seed)
    rows = [(place, each.fields) for place, each in enumerate(made)]
    rare = sorted({answer.rare for each in COMPARISONS for answer in each.answers if answer.rare})
    with opened(2) as database:
        load(database, [rows[start : start + 20_000] for start in range(0, count, 20_000)])
        for name in rare:
            database.execute(
                f"CREATE TABLE bits_{name} AS SELECT {name}, log2((SELECT count({name}) FROM leads) / count(*)) AS bits"
                f" FROM leads WHERE {name} IS NOT NULL GROUP BY {name}"
            )
        found, chunks = [], -(-count // CHUNK)
        splink = linker(database, count)
        for chunk in range(1, chunks + 1):
            pairs = splink.inference.predict_chunk((chunk, chunks), (1, 1), threshold_match_probability=LEAST, warning_mode="never")
            found.append(database.execute(_rarities(pairs.physical_name, rare)).to_arrow_table())
            pairs.drop_table_from_database_and_remove_from_cache()
    return _pairs(pa.concat_tables(found), count, set(true_pairs(made)))


def _rarities(pairs: str, rare: list[str]) -> str:
    """Return a question for pairs with their answers and, of each column, how rare the more frequent of both values is [bits]."""
    joins = "".join(
        f" LEFT JOIN bits_{name} AS l_{name} ON l_{name}.{name} = l.{name} LEFT JOIN bits_{name} AS r_{name} ON r_{name}.{name} = r.{name}"
        for name in rare
    )
    bits = ", ".join(f"least(l_{name}.bits, r_{name}.bits) AS bits_{name}" for name in rare)
    levels = ", ".join(f"gamma_{each.name}" for each in COMPARISONS)
    return (
        f"SELECT unique_id_l, unique_id_r, {levels}, {bits} FROM {pairs} JOIN leads AS l ON l.unique_id = unique_id_l"
        f" JOIN leads AS r ON r.unique_id = unique_id_r{joins}"
    )


def _pairs(table: pa.Table, count: int, truth: set[tuple[int, int]]) -> Pairs:
    column = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    given = np.zeros((len(table), len(ANSWERS)))
    rarity = np.full(len(table), -np.log2(count))
    for place, (each, which) in enumerate(ANSWERS):
        given[:, place] = answered(each, column[f"gamma_{each.name}"]) == which
        if rare := each.answers[which].rare:
            rarity += given[:, place] * np.nan_to_num(column[f"bits_{rare}"])
    ends = np.sort(np.column_stack([column["unique_id_l"], column["unique_id_r"]]), axis=1)
    return Pairs(given, rarity, np.array([(int(low), int(high)) in truth for low, high in ends]))


def fitted(pairs: Pairs) -> Numbers:
    """Return the weight of each answer against strangers, then against kin, then the bits by which any two are likelier one than kin."""
    count = len(ANSWERS)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        strangers = -np.log(2) * (np.log2(EXPECTED) + pairs.rarity + pairs.given @ weights[:count])
        kin = -np.log(2) * (weights[-1] + pairs.given @ weights[count:-1])
        either = np.logaddexp(strangers, kin)
        whole = np.logaddexp(0, either)
        down = [
            np.log(2) * (np.where(pairs.is_one, 0, np.exp(each - either)) - np.exp(each - whole)) for each in (strangers, kin)
        ]  # fmt: skip
        slope = np.concatenate([pairs.given.T @ down[0], pairs.given.T @ down[1], [down[1].sum()]])
        return float((whole - np.where(pairs.is_one, 0, either)).sum() + PULL * weights @ weights), slope + 2 * PULL * weights

    found: Any = minimize(loss, np.zeros(2 * count + 1), jac=True, method="L-BFGS-B", bounds=_bounds(), options={"maxiter": 5_000})
    return np.asarray(found.x)


def _bounds() -> list[tuple[float, float]]:
    strangers, kin = [], []
    for each, place in ANSWERS:
        word = each.answers[place].word
        is_against = any(reason.side == AGAINST for reason in reasons({each.name: word}))
        most = 0.0 if is_against or each.answers[place].rare else MOST_FOR  # what is rare says itself how much it weighs for
        is_usual = (each.name, word) == ("namesake", "none")  # what is said of nearly all is where the others are counted from
        strangers.append((0.0, 0.0) if is_usual else (-MOST, most))
        kin.append((0.0, 0.0) if is_usual else (-MOST, 0.0 if is_against else MOST_AGAINST_KIN))
    return [*strangers, *kin, (-MOST, MOST)]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sets", nargs="+", default=SETS)
    sets = [compared(*(int(part) for part in each.split(":"))) for each in asked.parse_args().sets]
    pairs = Pairs(*(np.concatenate([getattr(each, name) for each in sets]) for name in ("given", "rarity", "is_one")))
    weights = fitted(pairs)
    for place, (each, which) in enumerate(ANSWERS):
        there = pairs.given[:, place] > 0
        counts = f"{int(there.sum())} pairs, {int((there & pairs.is_one).sum())} one person"
        print(f"{each.name:10} {each.answers[which].word:15} {weights[place]:6.1f} {weights[len(ANSWERS) + place]:6.1f}  {counts}")
    print(f"one person rather than kin, before anything is compared: {weights[-1]:.1f}")


if __name__ == "__main__":
    main()
