"""Hypothesis strategies: `cases()` draws (document, facts, as_of, known_at), the document always valid."""

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.engine.strategies_document import a_document
from tests.engine.strategies_facts import (
    ACCOUNT_IDS,
    Clock,
    a_field_change,
    a_lead,
    a_list_row,
    an_account,
    some_activities,
)
from tests.engine.strategies_universe import AS_OF, KNOWN_LATER, LEAD_IDS, Row

# Models that each law is asked of, beside those that the oracle scores; `make drill` asks them of many.
LAWS = int(os.environ.get("VAGLIO_LAWS", "5"))
TIMES = int(os.environ.get("VAGLIO_TIMES", "1"))  # as many cases as a test asks for
Case = tuple[Row, dict[str, list[Row]], int, int]


def drawn(number: int) -> settings:
    """Settings for so many made cases: as they are drawn, and none is made smaller, since that takes longer than to read it."""
    every = list(HealthCheck)
    return settings(max_examples=number * TIMES, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=every)


def tapes(length: int, least: int, most: int) -> st.SearchStrategy[list[bytes]]:
    """Between `least` and `most` tapes: often few, often many."""
    tape = st.binary(min_size=length, max_size=length)
    many = st.lists(tape, min_size=(least + most) // 3, max_size=most)
    return st.one_of(st.lists(tape, min_size=least, max_size=most), many)


DOCUMENT = st.binary(min_size=160, max_size=160)
RULES = tapes(64, 0, 12)
LEADS = tapes(24, 1, len(LEAD_IDS))
ACCOUNTS = st.lists(st.binary(min_size=16, max_size=16), max_size=len(ACCOUNT_IDS))
ACTIVITIES = st.one_of(tapes(28, 0, 60), tapes(28, 30, 60))
CHANGES = tapes(12, 0, 16)
LIST_ROWS = tapes(10, 0, 8)


@st.composite
def cases(draw: Any, absolute_dates: bool = True) -> Case:
    """(document, facts, as_of, known_at); without `absolute_dates` no date is written in the document."""
    as_of = draw(st.sampled_from(AS_OF))
    clock = Clock(as_of, as_of + draw(st.sampled_from(KNOWN_LATER)))
    document = a_document(draw(DOCUMENT), draw(RULES), absolute_dates)
    leads = [a_lead(tape, number, clock) for number, tape in enumerate(draw(LEADS))]
    lead_ids = [lead["lead_id"] for lead in leads]
    accounts = [an_account(tape, number, clock) for number, tape in enumerate(draw(ACCOUNTS))]
    account_ids = [account["account_id"] for account in accounts]
    facts = {
        "leads": leads,
        "accounts": accounts,
        "activities": some_activities(draw(ACTIVITIES), lead_ids, clock),
        "field_changes": [a_field_change(tape, lead_ids, account_ids, clock) for tape in draw(CHANGES)],
        "lists": [a_list_row(tape, lead_ids, clock) for tape in draw(LIST_ROWS)],
    }
    return document, facts, as_of, clock.known_at


def models(absolute_dates: bool = True) -> st.SearchStrategy[Case]:
    """Cases whose model has rules: what hypothesis draws first is the simplest there is, one lead and no rule, of which once is enough."""
    return cases(absolute_dates).filter(lambda case: any(rule_count(case[0])))


def rule_count(document: Row) -> tuple[int, int]:
    """Return how many rules there are on each axis."""
    return len((document.get("profile") or {}).get("rules") or ()), len((document.get("engagement") or {}).get("rules") or ())
