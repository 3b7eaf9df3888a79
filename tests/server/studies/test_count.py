"""What a version says of all leads, counted, and what each rule does."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.kept import kept
from tests.server.studies.crowd import BOUNDED, bring, calls, done
from tests.server.world import MODEL, audited, leads, make_live, make_source

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def live(tables: Any) -> Any:
    """A crowd of 150, scored by a live model."""
    return kept(_scored)


def _scored() -> Any:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    version = make_live(BOUNDED)
    bring(make_source(), calls(150))
    with a_scorer() as scorer:
        while score_due(scorer=scorer, limit=1000):
            pass
    return version


def ask(version: Any) -> Any:
    from vaglio_server.studies.actions import count_version

    return count_version(version=version, by="marta", at=NOW)


def ratings_by(document: Any, scorer: Any) -> dict[int, str | None]:
    with scorer.snapshot() as snapshot:
        found = scorer.scores(snapshot, document, [lead.pk for lead in leads().values()])
    return dict(zip(map(int, found.column("lead_id").to_pylist()), found.column("rating").to_pylist(), strict=True))


def test_it_works(live: Any, scorer: Any) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.scoring.models import Score

    study = done(ask(live), scorer)
    told = study.told
    assert (study.leads, study.leads_there, study.is_sample, study.state) == (150, 150, False, "done")
    assert sum(told["cells"].values()) == told["rated"] == Lead.objects.exclude(rating=None).count()
    assert told["excluded"] == {"student": told["scored"] - told["rated"]} and told["excluded"]["student"] > 5
    for rating, number in told["cells"].items():
        assert Lead.objects.filter(rating=rating).count() == number
    for axis in ("profile", "engagement"):
        assert sum(told["bars"][axis]["leads"]) == told["scored"] == 150
        for rule, figures in told["rules"][axis].items():
            lines = [score.lines for score in Score.objects.all()]
            given = sorted(
                each[f"{axis}.{rule}.rule"] + each.get(f"{axis}.{rule}.cap", 0) for each in lines if f"{axis}.{rule}.rule" in each
            )
            assert (figures["fires"], figures["sum"]) == (len(given), sum(given)), rule
            assert figures["median"] == (given[(len(given) - 1) // 2] if given else None), rule
    assert told["rules"]["profile"]["nobody"]["fires"] == 0
    assert told["rules"]["profile"]["everybody"]["fires"] == 150
    assert audited("count_version") == [("marta", "model:1")]


def test_leads_that_were_taken_back_or_merged_are_nobody(live: Any, scorer: Any) -> None:
    from vaglio_server.crm.models import Lead
    from vaglio_server.studies.queries import draw

    first, second, third = Lead.objects.order_by("pk")[:3]
    Lead.objects.filter(pk=first.pk).update(taken_back_at=NOW)
    Lead.objects.filter(pk=second.pk).update(merged_into=third)
    study = done(ask(live), scorer)
    assert (study.leads, study.told["scored"]) == (148, 148)
    assert draw() == list(Lead.objects.order_by("pk").values_list("pk", flat=True)[2:])


def test_leads_a_rule_moves_are_those_whose_rating_is_another_without_it(live: Any, scorer: Any) -> None:
    from vaglio_server.scoring.engine import document_of

    document = document_of(live.text)
    told = done(ask(live), scorer).told
    with_it, order = ratings_by(document, scorer), document.rank_order()
    moved = 0
    for axis in ("profile", "engagement"):
        for rule in document.axis(axis).rules:
            its = document.axis(axis)
            rest = its.model_copy(update={"rules": tuple(each for each in its.rules if each.id != rule.id)})
            without = ratings_by(document.model_copy(update={axis: rest}), scorer)
            pairs = [(with_it[lead], without[lead]) for lead in with_it if with_it[lead] != without[lead]]
            figures = told["rules"][axis][rule.id]
            assert figures["lifts"] == sum(order.index(one) < order.index(other) for one, other in pairs), rule.id
            assert figures["drags"] == sum(order.index(one) > order.index(other) for one, other in pairs), rule.id
            sales = document.ratings.sales
            assert figures["into_sales"] == sum(one in sales and other not in sales for one, other in pairs), rule.id
            moved += len(pairs)
    assert moved > 50  # or nothing was shown
    assert told["rules"]["profile"]["clerk"]["drags"] > 0


def test_a_draft_is_counted_by_scoring_as_a_live_version_is_by_what_is_stored(live: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions import push_model

    draft = push_model(text=BOUNDED.replace("name: bounded", "name: twin"), by="test", at=NOW)
    stored, scored = done(ask(live), scorer).told, done(ask(draft), scorer).told
    stored = copy.deepcopy(stored)
    stored.pop("kept")
    for told in (stored, scored):  # the seconds between have faded something
        for figures in told["rules"]["engagement"].values():
            for name in ("median", "least", "most", "sum"):
                figures.pop(name)
        told["bars"].pop("engagement")
    assert stored == scored


def test_of_very_many_leads_some_are_drawn(live: Any, scorer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.scoring.actions import push_model
    from vaglio_server.studies import queries

    draft = push_model(text=BOUNDED.replace("A: 75", "A: 70"), by="test", at=NOW)
    monkeypatch.setattr(queries.draw, "__defaults__", (60,))
    monkeypatch.setattr(queries.batches, "__defaults__", (25,))
    study = done(ask(draft), scorer)
    assert (study.leads, study.leads_there, study.told["scored"], study.is_sample) == (60, 150, 60, True)


def test_what_became_of_leads_is_held_against_what_was_promised(live: Any, scorer: Any) -> None:
    from vaglio_server.crm.actions import Became, record_outcome
    from vaglio_server.crm.models import Lead

    best = list(Lead.objects.filter(rating="A1").order_by("id"))
    assert len(best) > 2
    for lead, outcome in ((best[0], "accepted"), (best[1], "won"), (best[2], "rejected")):
        record_outcome(lead=lead, became=Became(outcome, datetime.now(UTC)), by="test", at=datetime.now(UTC))
    kept = done(ask(live), scorer).told["kept"]
    assert kept == {"A1": {"leads": len(best), "accepted": 2, "won": 1}}


def test_workers_count_by_themselves_when_figures_are_old(live: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions import push_model, score_due
    from vaglio_server.studies.actions import ask_due_counts
    from vaglio_server.studies.models import Study

    assert ask_due_counts(at=NOW) == 1
    ask_due_counts(at=NOW)
    assert Study.objects.count() == 1  # what waits is not asked for again
    study = done(Study.objects.get(), scorer)
    later = datetime.now(UTC) + timedelta(days=1)
    assert ask_due_counts(at=later) == 0  # nothing was scored since
    bring(make_source("other"), calls(1, seed=9))
    score_due(scorer=scorer, limit=100)
    assert ask_due_counts(at=study.finished_at) == 0  # not at once
    assert ask_due_counts(at=later) == 1
    done(Study.objects.exclude(pk=study.pk).get(), scorer)
    assert Study.objects.count() == 1  # the newest is kept
    push_model(text=MODEL, by="test", at=NOW)
    assert (ask_due_counts(at=later), Study.objects.filter(state="asked").get().version.scoring_model.name) == (1, "small")
    assert ("worker", "model:1") not in audited("count_version")


def test_it_rejects_what_a_worker_has_to_do_already(live: Any, scorer: Any) -> None:
    from vaglio_server.refused import Refused
    from vaglio_server.studies.actions import begin_study, carry_out, stop_study
    from vaglio_server.studies.models import Study

    study = ask(live)
    with pytest.raises(Refused, match="at it already"):
        ask(live)
    assert begin_study(study=study, at=NOW)
    stop_study(study=study, by="marta", at=NOW)
    assert not carry_out(study=study, scorer=scorer, clock=lambda: NOW)  # stopped meanwhile: nothing is stored
    assert not begin_study(study=study, at=NOW)
    assert Study.objects.get().told == {}
    assert audited("stop_study") == [("marta", "model:1")]
