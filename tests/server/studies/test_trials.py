"""A version held against history, and a model learned beside it: the same as from files, stored whole, kept as a draft."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.running import running
from tests.server.web.chromium import chromium, needs_chromium
from tests.server.web.people import signed_in
from tests.server.web.test_browser import WIDTHS, come_in, keep_in_both, opened
from tests.server.world import audited

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MODEL = (Path(__file__).parents[3] / "models/b2b_software.yaml").read_text(encoding="utf-8")
LEADS = 1_800


@pytest.fixture(scope="module")
def company(database: Path) -> Iterator[Any]:
    """A company of 1,800 leads with a year behind it, and what scores it."""
    from vaglio_server.config import company
    from vaglio_server.scoring.scorers import a_scorer

    empty_tables()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(company, "EVERY", timedelta(days=300))
        patch.setattr(company, "LATELY", ())
        company.make_company(leads=LEADS, model=MODEL, now=datetime.now(UTC), said=lambda text: None)
    with a_scorer() as scorer:
        yield scorer


def live() -> Any:
    from vaglio_server.scoring.queries import live_versions

    return next(iter(live_versions()))


def ask(method: str = "", **more: Any) -> Any:
    from vaglio_server.studies.actions import ask_trial

    return ask_trial(version=live(), by="marta", at=NOW, **{"method": method, "good": "accepted", "horizon_days": 90} | more)


def carried_out(trial: Any, scorer: Any) -> Any:
    from vaglio_server.studies.actions import begin_trial, carry_out_trial
    from vaglio_server.studies.models import Trial

    assert begin_trial(trial=trial, at=NOW)
    carry_out_trial(trial=Trial.objects.select_related("version__scoring_model").get(pk=trial.pk), scorer=scorer, clock=lambda: NOW)
    return Trial.objects.get(pk=trial.pk)


@pytest.fixture(scope="module")
def proved(company: Any) -> Any:
    """The live version held against history, once for all tests that look at it: it takes seconds."""
    return carried_out(ask(), company)


@pytest.fixture(scope="module")
def learned(company: Any) -> Any:
    """A model learned beside it, once."""
    return carried_out(ask("logistic"), company)


def test_the_service_says_what_the_command_says_of_its_files(company: Any, proved: Any, tmp_path: Path) -> None:
    from vaglio_server.scoring.engine import document_of

    trial = proved
    assert trial.state == "done", trial.stage
    company.export(document_of(MODEL), tmp_path)
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    kinds = ("leads", "accounts", "activities", "field_changes", "lists", "outcomes")
    there = [kind for kind in kinds if (tmp_path / f"{kind}.parquet").exists()]
    files = [part for kind in there for part in (f"--{kind.replace('_', '-')}", tmp_path / f"{kind}.parquet")]
    command = [sys.executable, "-m", "vaglio.cli.main", "backtest", tmp_path / "model.yaml", *files, "--positive", "accepted", "--json"]
    said = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout
    told = json.loads(said)
    assert trial.figures == {
        "auc": [told["proofs"][0]["auc"]["value"]], "leads": told["leads"], "outcomes": told["outcomes"], "gate": "",
    }  # fmt: skip
    titles = [section["title"] for section in trial.told["sections"]]
    assert titles[-2:] == ["What each rule is worth", "Fields that know the outcome"] and "What became of each rating" in titles
    assert [row["texts"][0] for row in trial.told["sections"][-2]["blocks"][0]["rows"]][:2] == ["seniority", "size"]


def test_what_is_learned_is_kept_as_a_draft(learned: Any) -> None:
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.scoring.queries import live_versions
    from vaglio_server.studies.actions import keep_learned

    trial = learned
    assert trial.state == "done", trial.stage
    document = document_of(trial.text)
    assert document.name == "enterprise_suite_logistic" and len(list(document.rules())) > 0 and len(trial.figures["auc"]) == 2
    assert trial.figures["gate"] in ("better", "by_too_little", "not_surely", "no_better")
    origin = document.learned
    assert origin is not None and origin.window is not None and origin.watermark is not None and origin.horizon == 90 * 86_400
    assert origin.window.first <= origin.window.last <= origin.watermark and origin.leads > origin.outcomes > 0
    assert not {"first_name", "last_name", "email"} & set(document.inputs.fields)
    assert "first_name tells a name and is not used" in str(trial.told) and "--" not in str(trial.told["notes"])  # a page has no options
    before = [version.pk for version in live_versions()]
    version = keep_learned(trial=trial, by="marta", at=NOW)
    assert (version.scoring_model.name, version.number, version.text, version.is_live) == (document.name, 1, trial.text, False)
    assert [each.pk for each in live_versions()] == before
    assert keep_learned(trial=trial, by="marta", at=NOW).pk == version.pk
    assert audited("keep_learned")


def test_the_newest_stays_and_one_is_asked_for_at_a_time(company: Any, proved: Any) -> None:
    from vaglio_server.refused import Refused
    from vaglio_server.studies.actions import stop_trial
    from vaglio_server.studies.queries import tried

    first, second = proved, ask(horizon_days=61)
    with pytest.raises(Refused, match="a worker is at it already"):
        ask()
    assert tried(live()).done == first and tried(live()).is_coming
    stop_trial(trial=second, by="marta", at=NOW)
    assert not tried(live()).is_coming and tried(live()).done == first
    third = carried_out(ask(horizon_days=62), company)
    assert tried(live()).done == third and tried(live()).later is None


@pytest.mark.parametrize("wrong", [{"method": "magic"}, {"good": "liked"}, {"horizon_days": 0}, {"horizon_days": 9_999}])
def test_what_there_is_not_is_refused(company: Any, wrong: dict[str, Any]) -> None:
    from vaglio_server.refused import Refused

    with pytest.raises(Refused):
        ask(**wrong)


def test_too_little_memory_is_said(company: Any) -> None:
    trial = carried_out(ask("predictive", good="won", horizon_days=700), company)
    assert trial.state == "failed" and "won" in trial.stage and trial.told == {}
    assert "choose" in trial.stage and "--" not in trial.stage and "vaglio" not in trial.stage  # a page has no options


def test_a_page_shows_what_was_found(proved: Any, learned: Any) -> None:
    from vaglio_server.users.models import User

    client = signed_in(User.objects.get(username="marta"))
    for path, said in (("evidence", "What each rule is worth"), ("learn?method=logistic", "May it replace the first?")):
        answer = client.get(f"/models/enterprise_suite/{path}")
        assert answer.status_code == 200 and said in answer.content.decode()


@pytest.mark.drill  # in `make test` test_browser_craft looks at both pages, and the tests above ask, carry out, stop and keep
@needs_chromium
def test_a_marketer_reads_the_evidence_and_learns_a_model(proved: Any, learned: Any, database: Path) -> None:
    """While a browser runs, Django answers no questions here, so what it shows is made before. Screenshots stay in build/screenshots."""
    from vaglio_server.studies.models import Trial

    Trial.objects.update(kept=None)  # as if nobody had kept it
    with running(database, processes=1, VAGLIO_DEMO="1") as server, chromium() as browser:
        page, complaints = _opened(browser, server, *WIDTHS[0])
        page.click("text=Learn from outcomes")
        page.select_option("select[name=method]", "logistic")
        page.select_option("select[name=good]", "won")
        page.fill("input[name=days]", "700")
        page.click(".ask-trial button")
        page.wait_for_selector("#trial >> text=It could not be done")
        page.select_option("select[name=good]", "accepted")
        page.fill("input[name=days]", "90")
        page.click(".ask-trial button")
        page.wait_for_selector("#trial[hx-get]")
        page.click("#trial button:has-text('Stop')")
        page.wait_for_selector("#trial:not([hx-get])")
        page.wait_for_selector("text=May it replace the first?")  # what was found before stays
        page.click("text=Keep it as a draft")
        page.wait_for_selector("text=It is a draft now")
        assert complaints == []
        for view in WIDTHS:
            page, complaints = _opened(browser, server, *view)
            page.click(".plot summary >> nth=0")
            assert page.is_visible(".plot details table >> nth=0")
            keep_in_both(page, "model-evidence", *view[:2])
            page.click("text=Learn from outcomes")
            page.wait_for_selector("text=Kept as the draft")
            assert page.is_visible("text=May it replace the first?")
            keep_in_both(page, "model-learn", *view[:2])
            assert page.evaluate("document.documentElement.scrollWidth") <= view[1]
            assert complaints == []


def _opened(browser: Any, server: Any, scheme: str, width: int, height: int) -> tuple[Any, Any]:
    """Return the page of evidence, and what the browser complains of."""
    page, complaints = opened(browser, scheme, width, height)
    page.set_default_timeout(150_000)
    come_in(page, server)
    page.goto(f"{server.address}/models/enterprise_suite")
    page.click("text=Evidence")
    page.wait_for_selector("text=What each rule is worth")
    return page, complaints


def test_what_found_nothing_to_go_by_is_said() -> None:
    from vaglio_server.scoring.proving import signal_notes

    assert signal_notes(True, 0, 3) == []
    assert signal_notes(False, 2, 3) == [
        "There is no usable signal in these inputs.", "Of 3 models learned before the looks, 2 found no usable signal.",
    ]  # fmt: skip


def test_a_trial_that_crashed_says_why() -> None:
    from vaglio_server.config.studies import why

    assert "no memory left" in why(-9) and "signal 15" in why(-15) and "code 1" in why(1)


def test_what_is_learned_has_a_name_also_where_the_models_is_long() -> None:
    from vaglio.quantities import LONGEST_NAME
    from vaglio_server.studies.actions.trials import learned_name

    assert learned_name("suite", "logistic") == "suite_logistic" and learned_name("suite", "") == ""
    assert len(learned_name("x" * LONGEST_NAME, "predictive")) == LONGEST_NAME
