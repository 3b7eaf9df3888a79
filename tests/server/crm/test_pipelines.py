"""Pipelines are set up; opportunities stand at their stages by word."""

from typing import Any

import pytest

from tests.server.crm.test_opportunities import edit
from tests.server.world import AT, audited, history, make_account, make_opportunity
from vaglio_server.crm.actions import FaultyValues, first_pipeline, move_pipeline, remove_pipeline, set_pipeline
from vaglio_server.crm.logic.pipelines import StageSaid
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
STAGES = (StageSaid("New", 10), StageSaid("Offer", 60), StageSaid("Won", 100, "won"), StageSaid("Lost", 0, "lost"))


def put(pipeline: Any = None, name: str = "Sales", stages: Any = STAGES) -> Any:
    return set_pipeline(pipeline=pipeline, name=name, stages=stages, by="ada", at=AT)


def as_they_are(pipeline: Any, **changes: Any) -> list[StageSaid]:
    """Return the stages of a pipeline as a form sends them, some called otherwise or left out."""
    stages = [(each, changes.get(each.name, each.name)) for each in pipeline.stages.order_by("place")]
    return [StageSaid(name, each.probability_percent, each.outcome, each.pk) for each, name in stages if name]


def test_it_works() -> None:
    acme = make_account()
    known, unknown = make_opportunity(acme, stage="offer"), make_opportunity(acme, stage="Somewhere")
    pipeline = put()
    known.refresh_from_db()
    assert known.pipeline_stage.name == known.stage == "Offer" and not known.pipeline_stage.is_won
    unknown.refresh_from_db()
    assert (unknown.stage, unknown.pipeline_stage) == ("Somewhere", None)
    put(pipeline, stages=as_they_are(pipeline, Offer="Proposal", New="Offer"))  # names change places
    known.refresh_from_db()
    assert known.stage == "Proposal" and [each.name for each in pipeline.stages.order_by("place")] == ["Offer", "Proposal", "Won", "Lost"]
    assert audited("set_pipeline") == [("ada", f"pipeline:{pipeline.pk}")] * 2
    assert first_pipeline(at=AT) == pipeline


def test_words_are_stages_and_stages_say_how_it_ended() -> None:
    put()
    sale = make_opportunity(stage="new")
    assert (sale.stage, sale.pipeline_stage.name, sale.outcome) == ("New", "New", "open")
    assert edit(sale, stage="WON").outcome == "won"
    assert edit(sale, outcome="lost").stage == "Lost"
    assert edit(sale, stage="Waiting for the board").pipeline_stage is None  # another word stays a word
    assert edit(sale, stage="Offer").outcome == "open"
    assert edit(sale, outcome="won").stage == "Won" and edit(sale, outcome="open").stage == "Offer"
    assert [value for field, value in history(sale) if field == "stage"] == [
        "New", "Won", "Lost", "Waiting for the board", "Offer", "Won", "Offer",
    ]  # fmt: skip
    said = edit(sale, stage="Won", outcome="lost")  # both are said, and do not agree: the word is only a word
    assert (said.stage, said.pipeline_stage, said.outcome) == ("Won", None, "lost")


def test_open_again_it_stands_where_it_stood_whatever_that_is_called_now() -> None:
    pipeline = put()
    sale = make_opportunity(stage="Offer")
    edit(sale, outcome="won")
    put(pipeline, stages=as_they_are(pipeline, Offer="Proposal", New="Offer"))
    assert edit(sale, outcome="open").stage == "Proposal"


def test_a_word_that_became_a_stage_is_where_it_stood() -> None:
    sale = make_opportunity(stage="offer")
    put()
    edit(sale, outcome="lost")
    assert edit(sale, outcome="open").stage == "Offer"


def test_why_it_was_lost_goes_when_it_is_not() -> None:
    from vaglio_server.crm.actions import Told, edit_opportunity

    put()
    sale = make_opportunity(stage="Offer")
    for outcome in ("open", "won"):
        told = Told({"outcome": "lost", "loss_reason": "price"}, {"lost_because": "too dear"})
        lost = edit_opportunity(opportunity=sale, told=told, by="test", at=AT)
        assert (lost.loss_reason, lost.fields["lost_because"]) == ("price", "too dear")
        assert edit(sale, close_date="2027-01-31").fields["lost_because"] == "too dear"
        again = edit(sale, outcome=outcome)
        assert again.loss_reason is None and "lost_because" not in again.fields
    assert ("lost_because", None) in history(sale)


@pytest.mark.parametrize(
    ("name", "stages", "said"),
    [
        ("", STAGES, "needs a name"),
        ("Sales", (), "needs a stage in which sales are open"),
        ("Sales", (*STAGES, StageSaid("new", 5)), "two stages called so"),
        ("Sales", (*STAGES, StageSaid("Gone", 5, "lost")), "two stages are lost"),
        ("Sales", (StageSaid("x" * 61, 101, "maybe"), *STAGES), "at most 60.*from 0 to 100%.*no way in which"),
        ("Sales", tuple(StageSaid(f"S{n}", 5) for n in range(21)), "too many"),
    ],
)
def test_it_rejects_what_does_not_fit(name: str, stages: Any, said: str) -> None:
    with pytest.raises(FaultyValues, match=said):
        put(name=name, stages=stages)


def test_it_rejects_that_sales_stand_nowhere() -> None:
    pipeline = put()
    sale = make_opportunity(stage="Offer")
    with pytest.raises(Refused, match="1 opportunity stands at Offer"):
        put(pipeline, stages=as_they_are(pipeline, Offer=""))
    flipped = [StageSaid("Offer", 60, "lost", each.number) if each.name == "Offer" else each for each in as_they_are(pipeline, Lost="")]
    with pytest.raises(Refused, match="move them before it means lost"):
        put(pipeline, stages=flipped)
    with pytest.raises(FaultyValues, match="already"):
        put(name="SALES")
    with pytest.raises(Refused, match="none of this pipeline"):
        put(put(name="Second"), name="Second", stages=as_they_are(pipeline))
    edit(sale, stage="New")
    put(pipeline, stages=as_they_are(pipeline, Offer=""))
    assert pipeline.stages.count() == 3


def _names() -> list[str]:
    from vaglio_server.crm.models import Pipeline

    return list(Pipeline.objects.order_by("place", "pk").values_list("name", flat=True))


def test_pipelines_change_places_and_go() -> None:
    direct, _partners, renewals = (put(name=name) for name in ("Direct", "Partners", "Renewals"))
    move_pipeline(pipeline=renewals, up=True, by="ada", at=AT)
    move_pipeline(pipeline=renewals, up=True, by="ada", at=AT)
    move_pipeline(pipeline=renewals, up=True, by="ada", at=AT)  # the first stays the first
    assert _names() == ["Renewals", "Direct", "Partners"] and first_pipeline(at=AT) == renewals
    remove_pipeline(pipeline=direct, by="ada", at=AT)
    put(name="Tenders")  # stands last, though another went before
    move_pipeline(pipeline=renewals, up=False, by="ada", at=AT)
    assert _names() == ["Partners", "Renewals", "Tenders"]
    assert audited("remove_pipeline") == [("ada", f"pipeline:{direct.pk}")] and len(audited("move_pipeline")) == 3
    with pytest.raises(Refused, match="this pipeline is gone"):
        move_pipeline(pipeline=direct, up=True, by="ada", at=AT)
    with pytest.raises(Refused, match="this pipeline is gone"):
        remove_pipeline(pipeline=direct, by="ada", at=AT)


def test_it_rejects_that_a_pipeline_goes_in_which_sales_stand() -> None:
    pipeline = put()
    sale = make_opportunity(stage="Won")
    with pytest.raises(Refused, match="1 opportunity stands in Sales; move them"):
        remove_pipeline(pipeline=pipeline, by="ada", at=AT)
    assert _names() == ["Sales"]
    type(sale).objects.update(taken_back_at=AT)  # by undoing what made it
    remove_pipeline(pipeline=pipeline, by="ada", at=AT)
    sale.refresh_from_db()
    assert _names() == [] and (sale.stage, sale.pipeline_stage) == ("Won", None)
