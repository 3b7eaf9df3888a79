"""What machines do: the visits written before the rules, the made company, and each rule by itself."""

import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).with_name("cases") / "visits.csv"
TYPES = {"s": "email_sent", "o": "email_opened", "c": "email_link_clicked", "p": "page_viewed", "f": "form_submitted"}


def visits() -> tuple[dict[str, str], list[tuple[str, str, str, list[tuple[float, str, str, bool]]]]]:
    """Return the agents, and each visit: label, why, agent, and its events with whether a machine's."""
    agents, found = {"-": ""}, []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("agent;"):
            _agent, key, text = line.split(";", 2)
            agents[key] = text
        elif not line.startswith("#"):
            label, why, agent, _network, told = line.split(";")
            events = []
            for word in told.split():
                at, kind, what = word.lstrip("*").split(",")
                is_machine = kind != "s" and (label == "machine" or word.startswith("*"))
                events.append((float(at), kind, what, is_machine))
            found.append((label, why, agent, events))
    return agents, found


def judged(agents: dict[str, str], agent: str, events: Any) -> list[bool]:
    """Return, for each event of a visit, whether it is taken for a machine's."""
    from vaglio_server.tracking.logic.bursts import act, find
    from vaglio_server.tracking.logic.machines import is_machine

    if is_machine(agents[agent]):
        return [kind != "s" for _at, kind, _what, _truth in events]
    acts = []
    for place, (at, kind, what, _truth) in enumerate(events):
        mail = what.partition("/")[0] if kind in "soc" else ""
        acts.append(act(place, "one", at, TYPES[kind], {"url": what if kind in "cp" else "", "campaign": mail}))
    marked = {key for burst in find(acts) for key in burst.keys}
    return [place in marked for place in range(len(events))]


def measured(rows: list[tuple[bool, bool]]) -> tuple[float, float]:
    """Return precision and recall of pairs: found, true."""
    right = sum(found and true for found, true in rows)
    return right / max(1, sum(found for found, _true in rows)), right / sum(true for _found, true in rows)


def test_precision_and_recall() -> None:
    agents, found = visits()
    of_events: list[tuple[bool, bool]] = []
    of_visits: list[tuple[bool, bool]] = []
    wrong = []
    for label, why, agent, events in found:
        told = judged(agents, agent, events)
        truth = [each[3] for each in events]
        of_events += [pair for pair, event in zip(zip(told, truth, strict=True), events, strict=True) if event[1] != "s"]
        of_visits.append((any(told), any(truth)))
        if told != truth:
            wrong.append((label, why, agent, told, truth))
    for pairs in (of_events, of_visits):
        precision, recall = measured(pairs)
        print(f"{len(pairs)}: precision {precision:.3f}, recall {recall:.3f}")
        assert precision >= 0.95 and recall >= 0.9, wrong
    print("\n".join(map(str, wrong)))
