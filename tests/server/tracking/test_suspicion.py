"""Suspicious people: the cases written before the rules, and what each rule says by itself."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).with_name("cases") / "identities.csv"


def people() -> list[tuple[dict[str, str], Any]]:
    """Return each case with what the rules are asked; what is copied is counted over the file, as it is over leads."""
    from vaglio_server.tracking.logic.copies import Said, copies
    from vaglio_server.tracking.logic.suspicion import Person

    rows = list(csv.DictReader(CASES.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    names = ("first_name", "last_name", "email", "company", "phone")
    counted = copies({place: Said(*(row[name] for name in names)) for place, row in enumerate(rows)})
    return [
        (row, Person(*(row[name] for name in names), float(row["seconds"]) if row["seconds"] else None, counted[place]))
        for place, row in enumerate(rows)
    ]


def found(person: Any) -> int:
    from vaglio_server.tracking.logic.suspicion import doubts, score

    return score(doubts(person))


def test_precision_and_recall() -> None:
    from vaglio_server.tracking.logic.suspicion import SUSPICIOUS, doubts

    right, false, missed = 0, [], []
    for row, person in people():
        is_found, is_bad = found(person) >= SUSPICIOUS, row["label"] == "bad"
        right += is_found and is_bad
        if is_found and not is_bad:
            false.append((person, doubts(person)))
        if is_bad and not is_found:
            missed.append((row["reason"], person, doubts(person)))
    precision, recall = right / (right + len(false)), right / (right + len(missed))
    told = f"precision {precision:.3f}, recall {recall:.3f}\nfalse {false}\nmissed {missed}"
    print(told)
    assert precision >= 0.95 and recall >= 0.9, told
