"""The report: complete, exact, safe to open, and one file."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.engine.tables import document_of, facts_of
from vaglio.document import ModelDocument
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.plan import Instants
from vaglio.proportion import Proportion
from vaglio.report import ReportInputs, write_report
from vaglio.report.figures import figures
from vaglio.report.leads import REASONS, Reason, shortened
from vaglio.report.lines import Explainer
from vaglio.report.words import number, percent, points, stated
from vaglio.scoring import score

# ibis 12 reads schemas with a call DuckDB 2 deprecates; not the report's doing.
pytestmark = [pytest.mark.filterwarnings("ignore:fetch_arrow_table"), pytest.mark.filterwarnings("ignore:Arrow output on a DB-API")]
DAY = 86_400_000_000
AS_OF = 20_000 * DAY
HOSTILE = "<script>alert('x')</script>"
FORMULA = '=HYPERLINK("http://bad.example","x")'
VOID = {"meta", "br", "col", "link", "img", "input", "hr"}

DOCUMENT: dict[str, Any] = {
    "format": 1,
    "name": "made",
    "title": "Made <b>model</b>",
    "inputs": {
        "fields": {"title": "string", "size": "integer", "spam": "boolean"}, "activities": {"visit": {"path": "string"}, "never": {}},
    },
    "exclude": [{"id": "is_spam", "when": {"field": "spam", "equals": True}}],
    "profile": {
        "rules": [
            {"id": "senior", "kind": "fields", "field": "title", "weight": 60, "flag": "boss",
             "bands": [{"any_word": ["ceo"], "award": "100%"}, {"any_word": ["head"], "award": "50%"}]},
            {"id": "big", "kind": "fields", "field": "size", "weight": 40, "bands": [{"from": 50, "award": "100%"}]},
        ],
        "letters": {"A": 75, "B": 50, "C": 25},
    },
    "engagement": {
        "rules": [
            {"id": "visits", "kind": "activity", "activity": "visit", "points": 10, "half_life": "14d", "at_most": 40},
            {"id": "silence", "kind": "inactivity", "after": "30d", "points": -10},
            {"id": "dream", "kind": "activity", "activity": "never", "points": 5},
        ],
        "digits": {"1": 35, "2": 20, "3": 5},
    },
    "journey": [{"stage": "awareness", "any": [{"activity": "visit"}]}],
    "potential": {"field": "size", "bands": [{"below": 50, "value": 4000}, {"from": 50, "value": 25000}]},
    "temperature": {"hot": ["A1"], "cold": "rest"},
    "ratings": {"sales": ["A1", "A2", "B1"], "nurture": {"hot_start": ["A3", "B2"]}, "none": ["D4"]},
    "promises": {
        "horizon": "90d", "review_by": "2030-01-31",
        "expect": {"A1": {"accepted": "60%", "won": "1%"}, "D4": {"accepted": "20%"}},
        "share": {"A1": {"at_most": "7%"}, "D4": {"at_most": "90%"}},
        "first_response": {"A1": "1h"},
    },
    "minimum_coverage": "50%",
}  # fmt: skip


def made_leads(n: int = 60) -> dict[str, list[dict[str, Any]]]:
    """Make a few leads of every sort: every fourth knows nothing, every tenth is spam."""
    leads, activities = [], []
    for i in range(n):
        known = {"title": ["CEO", "Head of IT", "clerk"][i % 3], "size": 10 * i} if i % 4 else {}
        lead = {"lead_id": f"L{i:03d}", "account_id": None, "created_at": AS_OF - 100 * DAY, "spam": i % 10 == 9}
        leads.append(lead | known)
        activities += [
            {"lead_id": f"L{i:03d}", "activity_type": "visit", "message_id": None, "occurred_at": AS_OF - (k + i % 7) * DAY,
             "received_at": None, "machine_known_at": None, "is_machine": False, "properties": {"path": "/"}}
            for k in range(i % 9)
        ]  # fmt: skip
    return {"leads": leads, "accounts": [], "activities": activities, "field_changes": [], "lists": []}


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(threads=1)
    yield made
    made.close()


def scored(engine: DuckDBEngine, facts: dict[str, list[dict[str, Any]]], changes: dict[str, Any] | None = None) -> ReportInputs:
    document = document_of(DOCUMENT | (changes or {}))
    found = score(engine, [document], facts_of(engine, document, facts), Instants(AS_OF, AS_OF), contributions=True)
    assert found.contributions is not None
    return ReportInputs(engine, document, found.scores, found.contributions, None, None, AS_OF)


def named(engine: DuckDBEngine) -> Any:
    rows = {"lead_id": [f"L{i:03d}" for i in range(60)], "name": [HOSTILE] * 60, "detail": [FORMULA] * 60}
    return engine.load("names", pa.table(rows))


def judged(engine: DuckDBEngine) -> Any:
    ids = [f"L{i:03d}" for i in range(0, 60, 2)]
    later = AS_OF + DAY
    rows = [(name, "accepted", AS_OF - DAY, None) for name in ids] + [(name, "won", AS_OF, 9.5) for name in ids[:6]]
    rows += [("L001", "rejected", AS_OF, None), ("L003", "won", later, 7.0), (ids[0], "accepted", AS_OF, None)]
    columns = zip(*rows, strict=True)
    kinds = (pa.string(), pa.string(), pa.int64(), pa.float64())
    names = ("lead_id", "outcome", "occurred_us", "value")
    return engine.load("outcomes", pa.table({n: pa.array(c, k) for n, c, k in zip(names, columns, kinds, strict=True)}))


def text_of(path: Path, inputs: ReportInputs) -> str:
    write_report(path / "report.html", inputs)
    assert [file.name for file in path.iterdir()] == ["report.html"]
    return (path / "report.html").read_text(encoding="utf-8")


class Balance(HTMLParser):
    """Checks that every tag is closed where it should be, and gathers what is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data.strip())


def parsed(text: str) -> Balance:
    found = Balance()
    found.feed(text)
    found.close()
    assert found.open == []
    ids = [value for _tag, name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {value[1:] for _tag, name, value in found.attributes if name == "href" and value}
    assert targets <= set(ids)
    return found


def full(engine: DuckDBEngine) -> ReportInputs:
    inputs = scored(engine, made_leads())
    warnings = (f"column {HOSTILE} was ignored", "2 rows were rejected")
    return replace(inputs, names=named(engine), outcomes=judged(engine), warnings=warnings, counts={"leads": 60, "field_changes": 1234567})


def test_it_is_well_formed_and_says_the_headline(engine: DuckDBEngine, tmp_path: Path) -> None:
    inputs = full(engine)
    text = text_of(tmp_path, inputs)
    found = parsed(text)
    scores = inputs.rows(inputs.scores)
    ready = sum(row["rating"] in ("A1", "A2", "B1") for row in scores)
    assert ready > 0
    assert f"{ready} of 60 leads are for sales now." in found.text
    assert "1,234,567 field changes" in " ".join(found.text)


def test_hostile_values_show_as_text(engine: DuckDBEngine, tmp_path: Path) -> None:
    text = text_of(tmp_path, full(engine))
    found = parsed(text)
    assert "<script" not in text
    assert "<b>model" not in text
    assert found.text.count(HOSTILE) == len(figures(full(engine)).leads)
    assert FORMULA in found.text


def test_nothing_is_fetched_from_anywhere(engine: DuckDBEngine, tmp_path: Path) -> None:
    inputs = replace(full(engine), names=None)
    text = text_of(tmp_path, inputs)
    found = parsed(text)
    assert not re.search(r"https?://|//[a-z]|url\(|@import|@font-face|javascript:", text)
    assert {name for _tag, name, _value in found.attributes}.isdisjoint({"src", "srcset", "style", "onclick", "action"})
    policy = next(value for tag, name, value in found.attributes if tag == "meta" and name == "content" and "default-src" in str(value))
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")


def test_the_policy_allows_its_own_style_sheet(engine: DuckDBEngine, tmp_path: Path) -> None:
    from vaglio.report.page import security_policy

    text = text_of(tmp_path, full(engine))
    css = text.split("<style>")[1].split("</style>")[0]
    found = parsed(text)
    assert any(value == security_policy(css) for _tag, name, value in found.attributes if name == "content")
    for needed in ("prefers-color-scheme: dark", "@media print", "print-color-adjust: exact", "size: A4"):
        assert needed in css


def test_matrix_counts_are_those_of_the_scores(engine: DuckDBEngine) -> None:
    inputs = full(engine)
    found = figures(inputs)
    rows = inputs.rows(inputs.scores)
    for rating, cell in found.cells().items():
        assert cell.leads == sum(row["rating"] == rating for row in rows)
        assert cell.share == cell.leads / 60
    assert (found.total, found.rated, found.excluded) == (60, 54, 6)
    assert [(row.name, row.leads) for row in found.exclusions] == [("is_spam", 6)]
    assert sum(part.leads for part in found.destinations) == found.rated
    assert sum(tenth.leads for tenth in found.coverage) == 60
    assert found.thin == sum(not row["enough_evidence"] and row["rating"] is not None for row in rows)


def test_outcomes_are_counted_once_a_lead_and_only_the_past(engine: DuckDBEngine) -> None:
    inputs = full(engine)
    found = figures(inputs)
    rows = {str(row["lead_id"]): row["rating"] for row in inputs.rows(inputs.scores)}
    accepted = {f"L{i:03d}" for i in range(0, 60, 2)}
    for rating, cell in found.cells().items():
        members = {lead for lead, of in rows.items() if of == rating}
        assert cell.accepted == Proportion(len(members & accepted), len(members))
    assert sum(cell.won.hits for cell in found.cells().values() if cell.won) == 6
    assert sum(cell.won_value for cell in found.cells().values()) == pytest.approx(6 * 9.5)


def test_reasons_sum_to_the_scores_exactly(engine: DuckDBEngine, tmp_path: Path) -> None:
    inputs = full(engine)
    leads = figures(inputs).leads
    assert [lead.rank for lead in leads] == list(range(1, 51))
    for lead in leads:
        for axis in lead.axes:
            assert sum(reason.millipoints for reason in axis.reasons) == axis.millipoints
    capped = [reason for lead in leads for axis in lead.axes for reason in axis.reasons if reason.is_bound]
    assert any(reason.title == "cap of visits" and reason.millipoints < 0 for reason in capped)
    assert all(points <= 40_000 for lead in leads for name, points in lead.best if name == "visits")  # its cap
    shown = parsed(text_of(tmp_path, inputs)).text
    for reason in leads[0].axes[1].reasons:
        assert points(reason.millipoints) in shown


def test_many_reasons_are_shortened_without_losing_a_millipoint() -> None:
    reasons = [Reason(f"r{i}", "", (-1) ** i * i * 7) for i in range(1, 30)]
    short = shortened(reasons)
    assert len(short) == REASONS
    assert sum(reason.millipoints for reason in short) == sum(reason.millipoints for reason in reasons)
    assert short[-1].more == 29 - REASONS + 1


def test_rules_that_never_fired_are_named(engine: DuckDBEngine, tmp_path: Path) -> None:
    inputs = full(engine)
    found = figures(inputs)
    assert [line.rule_id for line in found.silent()] == ["dream"]
    told = inputs.rows(inputs.contributions)
    for line in found.rules:
        own = [int(str(row["millipoints"])) for row in told if (row["rule_id"], row["part"]) == (line.rule_id, line.part)]
        assert (line.leads, line.total) == (len(own), sum(own))
    assert "1 rule never fired:" in parsed(text_of(tmp_path, inputs)).text


def test_promises_are_judged_honestly(engine: DuckDBEngine) -> None:
    inputs = full(engine)
    found = figures(inputs)
    verdicts = {(promise.ratings[0], promise.promise): promise.verdict for promise in found.promises}
    assert verdicts[("D4", "at most 90% of all leads")] == "kept"
    assert verdicts[("A1", "at most 7% of all leads")] == ("kept" if found.cells()["A1"].leads <= 4 else "broken")
    assert found.cells()["A1"].leads < 20
    assert verdicts[("A1", "at least 60% accepted by sales")] == "too_few"
    assert verdicts[("A1", "first answer within 1 hour (A1), in working time")] == "unknown"
    without = figures(replace(inputs, outcomes=None))
    assert {promise.verdict for promise in without.promises if "accepted" in promise.promise} == {"unknown"}


@pytest.mark.parametrize("missing", ["names", "outcomes"])
def test_it_works_without(engine: DuckDBEngine, tmp_path: Path, missing: str) -> None:
    found = parsed(text_of(tmp_path, replace(full(engine), **{missing: None})))
    assert ("What became of them" in found.text) == (missing == "names")
    assert ("L008" in found.text) == (missing == "names")


def test_it_works_with_no_leads(engine: DuckDBEngine, tmp_path: Path) -> None:
    inputs = replace(scored(engine, made_leads(0)), outcomes=judged(engine), names=named(engine), warnings=["nothing was read"])
    found = parsed(text_of(tmp_path, inputs))
    assert "There are no leads to score." in found.text
    assert "nothing was read" in found.text


def test_it_works_with_every_lead_excluded(engine: DuckDBEngine, tmp_path: Path) -> None:
    inputs = scored(engine, made_leads(), {"exclude": [{"id": "everyone", "when": {"field": "spam", "known": True}}]})
    found = parsed(text_of(tmp_path, replace(inputs, outcomes=judged(engine))))
    assert "All 60 leads are excluded." in found.text
    assert "everyone" in found.text


def test_it_works_with_a_bare_model(engine: DuckDBEngine, tmp_path: Path) -> None:
    keys = ("ratings", "promises", "journey", "potential", "temperature", "exclude", "minimum_coverage", "title")
    document = {key: value for key, value in DOCUMENT.items() if key not in keys}
    for facts in (made_leads(), made_leads(1)):
        bare = document_of(document)
        done = score(engine, [bare], facts_of(engine, bare, facts), Instants(AS_OF, AS_OF), contributions=True)
        assert done.contributions is not None
        inputs = ReportInputs(engine, bare, done.scores, done.contributions, None, None, AS_OF)
        found = parsed(text_of(tmp_path, inputs))
        assert "made" in found.text


def test_a_band_is_said_alone(engine: DuckDBEngine) -> None:
    explainer = Explainer(document_of(DOCUMENT))
    assert explainer.sentence("profile", "senior", "rule", 30_000) == "title has the word head"
    assert explainer.sentence("profile", "senior", "rule") == "+60 when title has the word ceo; otherwise +30 when title has the word head"
    assert explainer.sentence("engagement", "visits", "cap", -5_000) == "lost to the cap of 40 points"


def test_intervals_are_wilsons() -> None:
    # 8 of 10: published as 0.490 to 0.943 (Newcombe 1998, method 3).
    low, high = Proportion(8, 10).interval()
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Proportion(0, 0).interval() == (0.0, 1.0)
    assert not Proportion(19, 19).is_enough


def test_numbers_read_well() -> None:
    assert (number(1234567), number(2.5)) == ("1,234,567", "2.5")
    assert (percent(0), percent(0.0001), percent(0.02), percent(0.0996), percent(1)) == ("0%", "under 0.1%", "2.0%", "10%", "100%")
    assert (stated(Decimal("0.07")), stated(Decimal("0.125")), stated(Decimal("1.00")), stated(Decimal(0))) == ("7%", "12.5%", "100%", "0%")
    assert (points(-1500), points(0), points(12430)) == ("−1.500", "0.000", "+12.430")


def test_a_failure_leaves_the_old_report(engine: DuckDBEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = full(engine)
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")

    def refuse(*_names: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("vaglio.aside.os.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write_report(target, inputs)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert target.read_text(encoding="utf-8") == "old"


def test_a_document_is_what_it_takes() -> None:
    assert isinstance(document_of(DOCUMENT), ModelDocument)
