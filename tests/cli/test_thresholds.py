"""``vaglio thresholds`` as a stranger runs it, and the document it writes."""

import difflib
import json
from pathlib import Path

import pytest

from tests.cli.company import MODEL, data_options, started, vaglio
from vaglio.document import load


def asked(company: Path, *options: object) -> list[object]:
    return ["thresholds", MODEL, *data_options(company), "--outcomes", company / "outcomes.csv", "--positive", "accepted", *options]


def test_letters_and_digits_are_cut_for_what_sellers_can_do(company: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "next.yaml", tmp_path / "r.html"
    done = started(
        *asked(company, "--calls", "0.5", "--call-cost", 20, "--value", 500, "--instants", 4, "--out", out, "--report", report, "--json")
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "leads a day, expect" in told["says"] and "missing" in told["says"]
    assert told["sales"] == ["A1", "A2", "B1"] and told["line"]["calls"] <= 0.5 and told["line"]["worth"] is not None
    assert told["matrix"]["good"]["low"] <= told["matrix"]["good"]["value"] <= told["matrix"]["good"]["high"]
    before, after = MODEL.read_text(encoding="utf-8").splitlines(), out.read_text(encoding="utf-8").splitlines()
    changed = [line[2:].split(":")[0].strip() for line in difflib.ndiff(before, after) if line.startswith("+ ")]
    assert changed == ["letters", "digits"]
    document = load(out)
    assert {name: float(least) for name, least in document.profile.letters.items()} == told["cuts"]["letters"]
    assert {name: float(least) for name, least in document.engagement.digits.items()} == told["cuts"]["digits"]
    page = report.read_text(encoding="utf-8")
    assert "leads a day, expect" in page and "What other lines would mean" in page and "<script" not in page
    assert vaglio("check", out).returncode in (0, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--calls", 5, "--value", 100), "give both --call-cost and --value"),
        (("--calls", 5, "--sales", "A1,Z9"), "--sales names Z9"),
        (("--calls", 5, "--positive", "gained"), "no outcome 'gained'"),
        (("--calls", 0.01), "more than 0.01"),
        (("--calls", 5, "--until", "2030-01-01"), "is not over"),
        (("--calls", 5, "--out", "nowhere/next.yaml"), "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_cut_is_said_in_one_line(company: Path, options: tuple[object, ...], said: str) -> None:
    done = vaglio(*asked(company, *options, "--instants", 4))  # more looks make no other refusal
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1
