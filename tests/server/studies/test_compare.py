"""What changes if one version takes another's place: for leads, and in the documents."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.studies.crowd import BOUNDED, bring, calls, done
from tests.server.world import MODEL, audited, leads, make_live, make_source

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
# Other thresholds, other points, a rule less, a rule more, others left out, fewer in the audience.
AFTER = (
    BOUNDED.replace("points: 60, group: who", "points: 70, group: who").replace("who: {at_most: 60}", "who: {at_most: 90}")
    .replace("  digits: {1: 75", "    - {id: any_page, kind: activity, activity: page_viewed, points: 5, within: 30d}\n  digits: {1: 60")
    .replace("any_word: [student]", "any_word: [student, buyer]").replace("half_life: 14d", "half_life: 7d")
    .replace("    - {id: clerk, kind: fields, field: job_title, points: -45, bands: [{any_word: [clerk]}]}\n", "")
    .replace("name: bounded", "name: bounded\naudience: {not: {field: email, starts_with: p1}}")
    .replace("job_title: string,", "job_title: string, email: string,").replace("sales: [A1, A2, B1, B2]", "sales: [A1, A2]")
)  # fmt: skip


def cells(document: Any, scorer: Any) -> dict[int, str]:
    with scorer.snapshot() as snapshot:
        found = scorer.scores(snapshot, document, [lead.pk for lead in leads().values()])
    return {int(row["lead_id"]): row["rating"] or "excluded" for row in found.to_pylist()}


def compared(scorer: Any, after: str, people: int = 120) -> tuple[Any, Any, Any]:
    """Return a finished comparison of the live version with another text, and both documents."""
    from vaglio_server.scoring.actions import push_model
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.studies.actions import compare_versions

    live = make_live(BOUNDED)
    bring(make_source(), calls(people))
    draft = push_model(text=after, by="test", at=NOW)
    study = done(compare_versions(version=live, against=draft, by="marta", at=NOW), scorer)
    return study, document_of(live.text), document_of(draft.text)


def test_it_works(scorer: Any) -> None:
    study, before, after = compared(scorer, AFTER)
    told = study.told
    old, new = cells(before, scorer), cells(after, scorer)
    pairs = Counter((old.get(lead, "outside"), new.get(lead, "outside")) for lead in old.keys() | new.keys())
    assert {(each["from"], each["to"]): each["leads"] for each in told["moves"]} == pairs
    assert told["moved"] == sum(number for (one, other), number in pairs.items() if one != other) > 40
    assert {"excluded", "outside"} <= {each["to"] for each in told["moves"]}
    order = [*after.rank_order(), "excluded", "outside"]
    last = len(after.rank_order())
    place = {name: min(number, last) for number, name in enumerate(order)}
    assert told["up"] == sum(number for (one, other), number in pairs.items() if place[one] > place[other])
    assert told["down"] == sum(number for (one, other), number in pairs.items() if place[one] < place[other])
    was, becomes = (
        {lead for lead, cell in its.items() if cell in document.ratings.sales} for its, document in ((old, before), (new, after))
    )
    assert told["sales"] == {"before": len(was), "after": len(becomes), "new": len(becomes - was), "gone": len(was - becomes)}
    assert audited("compare_versions") == [("marta", "model:1")]


def reasons(lines: dict[str, int], is_one: bool) -> Counter[str]:
    """Return the lines of a lead less what caps took; the rules of the group are one where its cap takes something."""
    found: Counter[str] = Counter()
    for key, points in lines.items():
        axis, name, part = key.split(".")
        shown = "who" if is_one and name in {"boss", "size"} else name
        found[f"{axis}.{shown}.{part if name == axis else 'rule'}"] += points
    return found


def test_leads_that_move_most_come_first_with_what_moves_them(scorer: Any) -> None:
    from vaglio.dates import to_microseconds
    from vaglio_server.scoring.engine import Instants

    study, before, after = compared(scorer, AFTER.replace("audience: {not: {field: email, starts_with: p1}}\n", ""))
    first = study.told["leads"]

    def is_of_sales(one: str, other: str) -> bool:
        return (one in before.ratings.sales) != (other in after.ratings.sales)

    far = [(is_of_sales(*each["cells"]), abs(each["places"])) for each in first]
    assert far == sorted(far, reverse=True) and len(first) > 10
    moves = [each for each in study.told["moves"] if each["from"] != each["to"] and is_of_sales(each["from"], each["to"])]
    assert sum(comes for comes, _places in far) == sum(each["leads"] for each in moves) > 0
    assert min(places for comes, places in far if comes) < max(places for comes, places in far if not comes)
    at = to_microseconds(study.as_of)
    for each in first[:5]:
        one, other = (scorer.replay(document, each["lead"], Instants(at, at)) for document in (before, after))
        assert each["cells"] == [one["rating"] or "excluded", other["rating"] or "excluded"]
        assert each["points"] == [[row["profile_millipoints"], row["engagement_millipoints"]] for row in (one, other)]
        is_one = any("profile.who.cap" in row["lines"] for row in (one, other))
        before_it, after_it = (reasons(row["lines"], is_one) for row in (one, other))
        change = {key: after_it[key] - before_it[key] for key in before_it.keys() | after_it.keys()}
        assert dict(each["lines"]) == {key: points for key, points in change.items() if points} and len(each["lines"]) <= 6
    shown = {tuple(key.split(".")) for each in first for key, _points in each["lines"]}
    assert ("profile", "who", "rule") in shown and all(part == "rule" or name == axis for axis, name, part in shown)
    summed = {each["line"]: (each["leads"], each["millipoints"]) for each in study.told["rules"]}
    assert summed["profile.clerk.rule"][1] == 45_000 * summed["profile.clerk.rule"][0] > 0


def test_it_is_found_out_in_parts_with_progress(scorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.studies import queries
    from vaglio_server.studies.actions import studies as actions

    whole = compared(scorer, AFTER)[0].told
    monkeypatch.setattr(queries.batches, "__defaults__", (17,))
    shares: list[float] = []
    monkeypatch.setattr(actions, "_progress", lambda _study, share: shares.append(share))
    from vaglio_server.studies.models import Study

    study = Study.objects.get()
    again = done(actions.compare_versions(version=study.version, against=study.against, by="marta", at=NOW), scorer)
    assert len(shares) == 8 and shares == sorted(shares) and shares[-1] == 1
    for name in ("moves", "moved", "up", "down", "sales"):
        assert again.told[name] == whole[name]


def test_it_rejects_a_version_against_itself(tables: Any) -> None:
    from vaglio_server.refused import Refused
    from vaglio_server.studies.actions import compare_versions

    live = make_live(MODEL)
    with pytest.raises(Refused, match="itself"):
        compare_versions(version=live, against=live, by="marta", at=NOW)


def test_documents_differ_by_rule_and_setting() -> None:
    from vaglio.document import loads
    from vaglio_server.studies.logic.changes import changes

    found = changes(loads(BOUNDED), loads(AFTER))
    told = {(each.section, each.name): each for each in found}
    assert [(each.kind, each.section, each.name) for each in found[:4]] == [
        ("changed", "profile", "boss"),
        ("removed", "profile", "clerk"),
        ("changed", "engagement", "pricing"),
        ("added", "engagement", "any_page"),
    ]

    def parts(section: str, name: str = "") -> list[tuple[str, str, str]]:
        return [(" ".join(part.name), part.before, part.after) for part in told[section, name].parts]

    assert parts("profile", "boss") == [("points", "60", "70")]
    assert parts("engagement", "pricing") == [("half_life", "14d", "7d")]
    assert told["engagement", "pricing"].after == "+30 for each page_viewed where path starts with /pricing, halving every 7d"
    assert parts("profile") == [("groups who at_most", "60", "90")]
    assert parts("engagement") == [("digits 1", "75", "60")]
    assert parts("exclude") == [("student when any_word", "student", "student, buyer")]
    assert sorted(parts("audience")) == [("not field", "", "email"), ("not starts_with", "", "p1")]
    assert parts("ratings") == [("sales", "A1, A2, B1, B2", "A1, A2")]
    assert changes(loads(BOUNDED), loads("# other comments\n" + BOUNDED)) == []


def test_texts_differ_by_line() -> None:
    from vaglio_server.studies.logic.changes import text_changes

    old, new = "\n".join("abcdefghijklmno"), "\n".join("abcdeXghijklmnoP")
    groups = text_changes(old, new)
    assert [[(line.sign, line.old, line.new, line.text) for line in group if line.sign != " "] for group in groups] == [
        [("-", 6, None, "f"), ("+", None, 6, "X")], [("+", None, 16, "P")],
    ]  # fmt: skip
    assert all(line.old and line.new for group in groups for line in group if line.sign == " ")
