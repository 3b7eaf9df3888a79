"""What is compared of a lead, which pairs follow from others, and which of two leads stays: plain values."""

from typing import Any

import pytest

from vaglio_server.duplicates.logic.cleaning import cleaned, spelled
from vaglio_server.duplicates.logic.closing import implied
from vaglio_server.duplicates.logic.deciding import said, stays_first


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"first_name": "Jürgen", "last_name": "Müller-Weiß"}, {"first": "jurgen", "last": "muller weis"}),
        ({"first_name": "JUERGEN", "last_name": "Mueller Weiss"}, {"first": "jurgen", "last": "muller weis"}),
        ({"name": "Dr. Anna De Luca"}, {"first": "anna", "last": "de luca"}),
        ({"name": "Rossi, Anna"}, {"first": "anna", "last": "rosi"}),
        ({"name": "John Smith Jr."}, {"first": "john", "last": "smith", "suffix": "jr"}),
        ({"last_name": "Rossi", "email": "anna.rossi@acme.it"}, {"first": "anna", "last": "rosi", "domain": "acme.it"}),
        ({"email": "Anna.Rossi+news@Mail.Acme.co.uk"}, {"mail": "anna.rossi@acme.co.uk", "domain": "acme.co.uk", "domain_key": "acme"}),
        ({"email": "an.na.rossi@googlemail.com"}, {"mail": "annarossi@gmail.com", "domain": None}),
        ({"email": "info@acme.it"}, {"mail": None, "domain": "acme.it"}),
        ({"email": "anna2@acme.it"}, {"is_second": True}),
        ({"email": "anna82@acme.it"}, {"is_second": False}),
        ({"company": "Acme Italia S.r.l."}, {"company": "acme italia", "company_key": "acmeitalia"}),
        ({"phone": "+39 (0) 345-678901"}, {"numbers": ["45678901"], "mobile": None}),
        ({"phone": "123", "mobile_phone": "0039 333 1234567"}, {"numbers": ["31234567"], "mobile": "31234567"}),
        ({}, {"first": None, "last": None, "mail": None, "numbers": [], "company": None}),
    ],
)
def test_fields_are_compared_without_what_only_their_writer_cares_about(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    found = cleaned(fields)._asdict()
    assert {name: found[name] for name in expected} == expected


def test_short_names_share_a_group_with_long_ones() -> None:
    def groups(name: str) -> set[int]:
        return set(cleaned({"first_name": name, "last_name": "x"}).groups)

    assert groups("Beppe") & groups("Giuseppe") and groups("Bill") & groups("William") and groups("Fane") & groups("Ștefan")
    assert not groups("Beppe") & groups("William") and spelled("Käthe") == "kathe"


def test_pairs_follow_from_others_where_both_steps_are_sure_enough() -> None:
    found = {(1, 2): 0.99, (2, 3): 0.98, (3, 4): 0.9, (1, 9): 1.0, (2, 9): 0.97}
    new = implied(found, 0.95)
    assert new[(1, 3)] == (pytest.approx(0.99 * 0.98), 2) and new[(3, 9)][0] == pytest.approx(0.97 * 0.98)
    assert (2, 4) not in new and (1, 2) not in new and all(one < other for one, other in new)


def test_the_better_known_stays_and_of_two_alike_the_older() -> None:
    assert (
        stays_first({"a": 1, "b": 2}, {"a": 1}) and not stays_first({"a": 1, "b": ""}, {"a": 1, "b": 2}) and stays_first({"a": 1}, {"a": 2})
    )


def test_a_decision_holds_while_what_is_compared_stays() -> None:
    one, other = {"last_name": "Rossi", "industry": "x"}, {"last_name": "Rossi"}
    assert said(one, other) == said(one | {"industry": "y"}, other) != said(one | {"city": "Milano"}, other)
