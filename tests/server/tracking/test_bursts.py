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
    from vaglio_server.tracking.logic.bursts import act, find, waves
    from vaglio_server.tracking.logic.machines import is_machine

    if is_machine(agents[agent]):
        return [kind != "s" for _at, kind, _what, _truth in events]
    acts = []
    for place, (at, kind, what, _truth) in enumerate(events):
        mail = what.partition("/")[0] if kind in "soc" else ""
        acts.append(act(place, "one", at, TYPES[kind], {"url": what if kind in "cp" else "", "campaign": mail}))
    marked = {key for burst in find(acts, waves(acts)) for key in burst.keys}
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


def test_the_made_company(made: Path) -> None:
    """It says neither which link was clicked nor by which browser."""
    from vaglio_server.tracking.logic.bursts import act, find, waves

    acts, truth = [], {}
    with (made / "activities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["message_id"] not in truth:
                truth[row["message_id"]] = row["is_machine"] == "true"
                at = datetime.fromisoformat(row["occurred_at"]).timestamp()
                acts.append(
                    act(row["message_id"], row["lead_id"], at, row["activity_type"], {name: row[name] for name in ("path", "campaign")})
                )
    marked = {key for burst in find(acts, waves(acts)) for key in burst.keys}
    precision, recall = measured([(key in marked, is_machine) for key, is_machine in truth.items()])
    print(f"the made company's {sum(truth.values())} of {len(truth)}: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.95 and recall >= 0.9


def test_a_wave_is_one_only_where_it_comes_out_of_nowhere() -> None:
    from vaglio_server.tracking.logic.bursts import Act, waves

    wave = [Act(number, number, number * 2.0, "clicked", mail="n1") for number in range(6)]
    people = [Act(100 + number, 100 + number, 100.0 + number * 20, "clicked", mail="n1") for number in range(20)]
    assert waves(wave) == {"n1": [0.0]}
    assert waves(wave[:4]) == {}
    assert waves([*wave, *people]) == {}
    assert waves([Act(each.key, 1, each.at, "clicked", mail="n1") for each in wave]) == {}


@pytest.mark.parametrize(("address", "network"), [
    ("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("::ffff:203.0.113.9", "203.0.113.0/24"),
    ("", ""), ("here", ""), ("203.0.113.999", ""),
])  # fmt: skip
def test_networks_are_kept_and_not_addresses(address: str, network: str) -> None:
    from vaglio_server.tracking.logic.machines import network_of

    assert network_of(address) == network


def test_each_activity_is_in_one_burst_at_most() -> None:
    from vaglio_server.tracking.logic.bursts import act, find

    agents, found = visits()
    assert agents
    for _label, _why, _agent, events in found:
        acts = [act(place, "one", at, TYPES[kind], {"url": what, "campaign": "n"}) for place, (at, kind, what, _truth) in enumerate(events)]
        counted: dict[Any, int] = defaultdict(int)
        for burst in find(acts, {}):
            assert burst.keys
            for key in burst.keys:
                counted[key] += 1
        assert set(counted.values()) <= {1}
