"""Names of companies that are alike."""

import pytest

from vaglio_server.crm.logic.companies import LEAST_SHARE, bare, likeness, starts


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Acme Italia S.r.l.", ["acme", "italia"]),
        ("S.C. Țărușă & Fiii S.R.L.", ["sc", "tarusa", "fiii"]),
        ("The Group", ["the", "group"]),
        ("A.B.C. GmbH & Co. KG", ["abc"]),
        ("", []),
    ],
)
def test_a_legal_form_is_no_name(name: str, left: list[str]) -> None:
    assert bare(name) == left


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("ACME Italia srl", "Italia Acme S.p.A.", True),
        ("Müller Maschinenbau GmbH", "Muller Maschinenbau", True),
        ("Northwind Traders", "Northwind Trader Inc.", True),
        ("Banca Transilvania", "Banca Transalpina", False),
        ("Acme", "Acme Bank", False),
    ],
)
def test_names_are_alike(one: str, other: str, is_alike: bool) -> None:
    assert (likeness(one, other) >= LEAST_SHARE) is is_alike


def test_candidates_are_looked_up_by_the_starts_of_words() -> None:
    assert starts("Acme Italia S.r.l.") == "'acme':* | 'ital':*"
    assert starts("–") is None
