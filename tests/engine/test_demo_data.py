"""The made company: the same every time, whole in itself, and true to the formula it states."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from vaglio.demo import Summary, make

UNTIL = datetime(2026, 10, 1, tzinfo=UTC)
TABLES = ("accounts", "activities", "field_changes", "leads", "lists", "outcomes", "truth")


def _digests(directory: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


def _rows(directory: Path, name: str) -> list[dict[str, str]]:
    with (directory / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _columns(directory: Path, name: str) -> dict[str, Any]:
    table = pq.read_table(directory / f"{name}.parquet")
    return {column: table.column(column).to_numpy() for column in table.column_names}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of 2,000 leads as CSV."""
    directory = tmp_path_factory.mktemp("small")
    make(directory, leads=2_000, activities=24_001, seed=7)
    return directory


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of 40,000 leads as Parquet, large enough to measure rates."""
    directory = tmp_path_factory.mktemp("large")
    make(directory, leads=40_000, activities=300_000, seed=3, format="parquet")
    return directory


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_same_arguments_give_the_same_bytes_whatever_the_chunks(tmp_path: Path, file_format: str) -> None:
    for name, chunk_rows in (("one", 262_144), ("two", 262_144), ("three", 777)):
        make(tmp_path / name, leads=900, activities=9_100, seed=5, format=file_format, chunk_rows=chunk_rows)
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two") == _digests(tmp_path / "three")


def test_chunks_do_not_show_in_several_row_groups(tmp_path: Path) -> None:
    for name, chunk_rows in (("one", 262_144), ("two", 100_003)):
        make(tmp_path / name, leads=3_000, activities=600_000, format="parquet", chunk_rows=chunk_rows)
    assert pq.ParquetFile(tmp_path / "one" / "activities.parquet").num_row_groups == 3
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two")


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    make(tmp_path / "one", leads=200, seed=1)
    make(tmp_path / "two", leads=200, seed=2)
    first, second = _digests(tmp_path / "one"), _digests(tmp_path / "two")
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)


def test_csv_and_parquet_hold_the_same_activities(tmp_path: Path) -> None:
    make(tmp_path, leads=300, seed=4, format="csv")
    make(tmp_path, leads=300, seed=4, format="parquet")
    spelled = _rows(tmp_path, "activities")
    table = pq.read_table(tmp_path / "activities.parquet")
    for column in ("lead_id", "message_id", "path", "campaign"):
        assert [row[column] for row in spelled] == table.column(column).fill_null("").to_pylist()
    occurred = [datetime.fromisoformat(row["occurred_at"]) for row in spelled]
    assert occurred == table.column("occurred_at").to_pylist()


@pytest.mark.parametrize("activities", [0, 1, 199, 200, 12_345])
@pytest.mark.parametrize("duplicates", [True, False])
def test_activities_are_exactly_as_many_as_asked(tmp_path: Path, activities: int, duplicates: bool) -> None:
    summary = make(tmp_path, leads=150, activities=activities, duplicates=duplicates)
    assert len(_rows(tmp_path, "activities")) == activities == summary.activities
    assert summary.resent == (activities // 200 if duplicates else 0)


def test_a_single_lead_is_a_company_too(tmp_path: Path) -> None:
    summary = make(tmp_path, leads=1)
    assert (summary.leads, summary.activities) == (1, 12)
    assert {row["lead_id"] for row in _rows(tmp_path, "activities")} == {"L000001"}


def test_columns_are_as_documented(small: Path) -> None:
    assert set(_rows(small, "activities")[0]) >= {
        "lead_id", "activity_type", "occurred_at", "received_at", "message_id", "is_machine",
        "machine_known_at", "path", "form", "content_type", "minutes", "campaign", "url",
    }  # fmt: skip
    assert list(_rows(small, "accounts")[0]) == [
        "account_id", "name", "domain", "industry", "employees", "country", "segment",
    ]  # fmt: skip
    assert list(_rows(small, "lists")[0]) == ["list", "member_type", "member_id", "from", "to"]
    assert list(_rows(small, "outcomes")[0]) == ["lead_id", "outcome", "occurred_at", "value", "reason"]
    assert list(_rows(small, "field_changes")[0]) == ["lead_id", "field", "value", "known_at"]


def test_every_reference_leads_somewhere(small: Path) -> None:
    leads = {row["lead_id"] for row in _rows(small, "leads")}
    accounts = {row["account_id"] for row in _rows(small, "accounts")}
    assert len(leads) == 2_000
    for table in ("activities", "field_changes", "outcomes", "truth"):
        assert {row["lead_id"] for row in _rows(small, table)} <= leads
    assert {row["account_id"] for row in _rows(small, "leads")} <= accounts | {""}
    for row in _rows(small, "lists"):
        assert row["member_id"] in (accounts if row["member_type"] == "account" else leads)
    assert {row["list"] for row in _rows(small, "lists")} == {
        "priority_accounts", "competitors", "customers", "partners",
    }  # fmt: skip


def test_identifiers_and_addresses_are_unique(small: Path) -> None:
    for table, column in (
        ("leads", "lead_id"),
        ("leads", "email"),
        ("accounts", "account_id"),
        ("accounts", "domain"),
    ):
        values = [row[column] for row in _rows(small, table)]
        assert len(set(values)) == len(values), (table, column)


def test_nothing_is_known_after_the_last_day(small: Path) -> None:
    created = {row["lead_id"]: datetime.fromisoformat(row["created_at"]) for row in _rows(small, "leads")}
    for row in _rows(small, "activities"):
        occurred, received = (datetime.fromisoformat(row[name]) for name in ("occurred_at", "received_at"))
        assert created[row["lead_id"]] <= occurred <= received <= UNTIL
        if row["machine_known_at"]:
            assert received <= datetime.fromisoformat(row["machine_known_at"]) <= UNTIL
    for table, column in (
        ("outcomes", "occurred_at"),
        ("field_changes", "known_at"),
        ("leads", "created_at"),
    ):
        assert all(datetime.fromisoformat(row[column]) <= UNTIL for row in _rows(small, table))


def test_one_activity_in_two_hundred_is_sent_again_later(small: Path) -> None:
    by_message = defaultdict(list)
    for row in _rows(small, "activities"):
        by_message[row["message_id"]].append(row)
    assert Counter(len(rows) for rows in by_message.values()) == {1: 24_001 - 240, 2: 120}
    for first, second in (rows for rows in by_message.values() if len(rows) == 2):
        assert datetime.fromisoformat(first["received_at"]) < datetime.fromisoformat(second["received_at"])
        assert first | {"received_at": ""} == second | {"received_at": ""}


def test_message_ids_and_duplicates_can_be_left_out(tmp_path: Path) -> None:
    make(tmp_path, leads=100, activities=1_000, duplicates=False, message_ids=False)
    assert "message_id" not in _rows(tmp_path, "activities")[0]


def test_machines_come_in_bursts_and_part_of_them_is_found_late(large: Path) -> None:
    columns = _columns(large, "activities")
    machine = columns["is_machine"].astype(bool)
    assert 0.03 < machine.mean() < 0.10
    assert set(columns["activity_type"][machine]) == {"email_clicked", "email_opened"}
    order = np.lexsort((columns["occurred_at"][machine], columns["lead_id"][machine]))
    leads = columns["lead_id"][machine][order]
    seconds = columns["occurred_at"][machine][order].astype("datetime64[ms]").astype(np.int64) / 1_000
    gaps = np.diff(seconds)[leads[1:] == leads[:-1]]
    assert np.mean(gaps < 10) > 0.6
    late = ~np.isnat(columns["machine_known_at"].astype("datetime64[us]"))
    assert 0.15 < late[machine].mean() < 0.35
    assert not late[~machine].any()


def test_signatures_are_few(large: Path) -> None:
    table = pq.read_table(large / "activities.parquet", columns=["activity_type", "path", "form", "content_type"])
    assert 500 < table.group_by(table.column_names).aggregate([]).num_rows < 3_000
    shares = Counter(table.column("activity_type").to_pylist())
    assert set(shares) == {
        "page_viewed", "email_clicked", "form_submitted", "content_downloaded", "webinar_attended",
        "email_opened", "social_engaged", "unsubscribed",
    }  # fmt: skip


def test_a_field_history_starts_at_creation_and_ends_in_the_current_value(small: Path) -> None:
    leads = {row["lead_id"]: row for row in _rows(small, "leads")}
    histories = defaultdict(list)
    for row in _rows(small, "field_changes"):
        histories[row["lead_id"], row["field"]].append(row)
    assert {field for _, field in histories} == {"job_title", "employees", "country"}
    assert max(len(rows) for rows in histories.values()) > 1
    for (lead_id, field), rows in histories.items():
        known = [row["known_at"] for row in rows]
        assert known == sorted(set(known))
        assert known[0] == leads[lead_id]["created_at"]
        assert rows[-1]["value"] == leads[lead_id][field]


def test_leads_are_messy(large: Path) -> None:
    leads = pq.read_table(large / "leads.parquet")
    titles = leads.column("job_title")
    assert 0.10 < titles.null_count / len(leads) < 0.14
    assert 0.18 < leads.column("employees").null_count / len(leads) < 0.22
    assert 0.10 < leads.column("account_id").null_count / len(leads) < 0.20
    present = set(titles.drop_null().to_pylist())
    assert {"Direttore Vendite", "Șef achiziții", "Geschäftsführer", "CFO & Co-Founder"} <= present
    assert {"HEAD OF MARKETING", "student", "  "} <= present
    assert set(leads.column("country").drop_null().to_pylist()) == {"IT", "RO", "DE", "FR", "ES", "NO", "US"}


def test_outcome_rates_lie_in_the_stated_intervals(large: Path) -> None:
    counts = json.loads((large / "truth.json").read_text(encoding="utf-8"))["counts"]
    assert 0.07 < counts["accepted"] / counts["leads"] < 0.11
    assert 0.02 < counts["won"] / counts["leads"] < 0.03
    assert 0.01 < counts["rejected"] / counts["leads"] < 0.06
    outcomes = pq.read_table(large / "outcomes.parquet")
    assert Counter(outcomes.column("outcome").to_pylist()) == {name: counts[name] for name in ("accepted", "rejected", "won", "lost")}
    rejected = pc.equal(outcomes.column("outcome"), "rejected")
    assert pc.all(pc.equal(pc.is_valid(outcomes.column("reason")), rejected)).as_py()


def test_outcomes_follow_each_other(small: Path) -> None:
    by_lead = defaultdict(list)
    for row in _rows(small, "outcomes"):
        by_lead[row["lead_id"]].append(row["outcome"])
    assert {tuple(outcomes) for outcomes in by_lead.values()} == {
        ("accepted",), ("rejected",), ("accepted", "won"), ("accepted", "lost"),
    }  # fmt: skip


def test_the_formula_gives_the_probabilities(large: Path) -> None:
    document = json.loads((large / "truth.json").read_text(encoding="utf-8"))
    truth = _columns(large, "truth")
    moment = ~np.isnat(truth["buys_at"].astype("datetime64[us]"))
    blocked = np.array([kind is not None for kind in truth["blocked"]])

    def probability(name: str) -> Any:
        weights = document[name]
        log_odds = weights["intercept"] + weights["fit"] * truth["fit"] + weights["interest"] * truth["interest"]
        return 1.0 / (1.0 + np.exp(-(log_odds + weights["moment"] * moment)))

    expected = np.where(blocked, 0.0, probability("accepted"))
    np.testing.assert_allclose(truth["probability"], expected, rtol=1e-9)
    np.testing.assert_allclose(truth["win_probability"], probability("won"), rtol=1e-9)


def test_who_never_buys_never_buys(large: Path) -> None:
    truth = _columns(large, "truth")
    blocked = {lead: kind for lead, kind in zip(truth["lead_id"], truth["blocked"], strict=True) if kind}
    assert set(blocked.values()) == {"spam", "competitor", "student"}
    outcomes = _columns(large, "outcomes")
    bought = {lead for lead, what in zip(outcomes["lead_id"], outcomes["outcome"], strict=True) if what != "rejected"}
    assert not bought & blocked.keys()
    suspicious = _columns(large, "leads")
    spam = {lead for lead, kind in blocked.items() if kind == "spam"}
    assert set(suspicious["lead_id"][suspicious["is_suspicious"].astype(bool)]) == spam


def test_students_click_much(large: Path) -> None:
    truth = _columns(large, "truth")
    activities = Counter(_columns(large, "activities")["lead_id"])
    counts = np.array([activities[lead] for lead in truth["lead_id"]])
    student = truth["blocked"] == "student"
    assert counts[student].mean() > 1.8 * counts[~student].mean()


def test_acceptance_rises_with_the_true_probability(large: Path) -> None:
    truth = _columns(large, "truth")
    accepted = ~np.isnat(truth["accepted_at"].astype("datetime64[us]"))
    groups = np.array_split(np.argsort(truth["probability"], kind="stable"), 8)
    shares = [accepted[group].mean() for group in groups]
    expected = [truth["probability"][group].mean() for group in groups]
    np.testing.assert_allclose(shares, expected, atol=0.03)
    assert shares[-1] > 0.4
    assert shares[-1] > 3 * shares[-2] / 2 > shares[0]


def test_fit_and_interest_both_matter_and_are_independent(large: Path) -> None:
    truth = _columns(large, "truth")
    real = np.array([kind is None for kind in truth["blocked"]])
    fit, interest = truth["fit"][real], truth["interest"][real]
    assert abs(np.corrcoef(fit, interest)[0, 1]) < 0.02
    accepted = ~np.isnat(truth["accepted_at"].astype("datetime64[us]"))[real]
    good, keen = fit > np.median(fit), interest > np.median(interest)
    both, one, other, neither = (accepted[mask].mean() for mask in (good & keen, good & ~keen, ~good & keen, ~good & ~keen))
    assert both > 1.5 * max(one, other)
    assert min(one, other) > 1.5 * neither


def test_buying_moments_show_in_the_activities_before(large: Path) -> None:
    truth = _columns(large, "truth")
    buys = dict(zip(truth["lead_id"], truth["buys_at"].astype("datetime64[s]").astype(np.int64), strict=True))
    columns = _columns(large, "activities")
    moment = np.array([buys[lead] for lead in columns["lead_id"]])
    occurred = columns["occurred_at"].astype("datetime64[s]").astype(np.int64)
    pricing = np.array([bool(path) and path.lower().startswith("/pricing") for path in columns["path"]])
    before = (moment > 0) & (moment - occurred < 40 * 86_400) & (occurred < moment)
    assert pricing[before].mean() > 2.5 * pricing[~before].mean()


def test_pieces_stay_small(tmp_path: Path) -> None:
    def peak(activities: int) -> int:
        tracemalloc.start()
        make(tmp_path, leads=500, activities=activities, format="parquet", chunk_rows=20_000)
        largest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return largest

    # NumPy reports its memory here. Packed sessions grow by some 2.4 bytes per activity, rows by nothing;
    # batches of sessions and row groups are full at both sizes.
    assert peak(1_000_000) - peak(600_000) < 400_000 * 4


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    make(tmp_path, leads=100, activities=5_000, chunk_rows=500, progress=lambda *call: calls.append(call))
    assert len(calls) > 5
    assert calls == sorted(calls)
    assert calls[-1] == (5_000, 5_000)


def test_no_half_written_file_is_left(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, leads=100, progress=stop)
    assert not (tmp_path / "activities.csv").exists()
    assert not list(tmp_path.glob(".*"))
    make(tmp_path, leads=100)
    assert {path.name for path in tmp_path.iterdir()} == {*(f"{name}.csv" for name in TABLES), "truth.json"}


def test_the_summary_counts_the_rows(small: Path, tmp_path: Path) -> None:
    summary = make(tmp_path, leads=2_000, activities=24_001, seed=7)
    assert isinstance(summary, Summary)
    lengths = {name: len(_rows(small, name)) for name in TABLES}
    assert lengths == {
        "accounts": summary.accounts,
        "activities": summary.activities,
        "field_changes": summary.field_changes,
        "leads": summary.leads,
        "lists": summary.list_members,
        "outcomes": summary.outcomes,
        "truth": summary.leads,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"leads": 0},
        {"activities": -1},
        {"format": "xlsx"},
        {"chunk_rows": 0},
        {"until": datetime(2026, 10, 1)},
    ],
)
def test_it_rejects_senseless_arguments(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        make(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def test_importing_it_loads_no_engine() -> None:
    code = "import sys, vaglio.demo; print(sorted({'duckdb', 'ibis', 'django'} & set(sys.modules)))"
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": paths})
    assert done.stdout.strip() == "[]"
