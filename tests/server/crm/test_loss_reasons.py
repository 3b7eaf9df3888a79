"""The list of why sales are lost is kept; what was lost keeps its reason."""

from typing import Any

import pytest

from tests.server.crm.test_opportunities import edit
from tests.server.world import AT, audited, make_opportunity
from vaglio_server.crm.actions import FaultyValues, set_loss_reasons
from vaglio_server.crm.logic.loss import USUAL_REASONS, ReasonSaid
from vaglio_server.crm.queries import loss_reasons
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def put(*reasons: ReasonSaid) -> Any:
    return set_loss_reasons(reasons=reasons, by="ada", at=AT)


def test_until_somebody_keeps_a_list_the_usual_ones_hold() -> None:
    assert [(each.word, each.label) for each in loss_reasons()] == list(USUAL_REASONS.items())
    sale = make_opportunity(outcome="lost", loss_reason="Went to a competitor")  # as a page calls it
    assert sale.loss_reason == "competitor"
    with pytest.raises(FaultyValues, match=r'loss_reason: "the weather" is none of its choices; give one of price, competitor'):
        edit(sale, loss_reason="the weather")


def test_it_works() -> None:
    sale = make_opportunity(outcome="lost", loss_reason="timing")
    put(ReasonSaid("Too expensive", "price"), ReasonSaid("Not now", "timing", is_retired=True), ReasonSaid("Più lento di altri"))
    found = loss_reasons()
    assert [each.word for each in found][:4] == ["price", "timing", "piu_lento_di_altri", "competitor"] and len(found) == 10
    assert (found[0].title, found[1].retired_at) == ("Too expensive", AT)
    edit(sale, close_date="2027-01-31", loss_reason="timing")  # what it has stays, and may be said again
    assert edit(sale, loss_reason="too expensive").loss_reason == "price"
    assert edit(sale, loss_reason="piu_lento_di_altri").loss_reason == "piu_lento_di_altri"
    with pytest.raises(FaultyValues, match="is none of its choices"):
        edit(sale, loss_reason="timing")
    put(ReasonSaid("Not now", "timing"), ReasonSaid("Piu lento"), ReasonSaid("Piu_lento"))
    found = loss_reasons()
    assert found[0].retired_at is None and [each.word for each in found][1:3] == ["piu_lento", "piu_lento_2"]
    assert edit(sale, loss_reason="timing").loss_reason == "timing"
    assert audited("set_loss_reasons") == [("ada", "loss_reasons")] * 2


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (ReasonSaid("", "price"), "a name of at most 60"),
        (ReasonSaid("x" * 61), "a name of at most 60"),
        (ReasonSaid("price"), "two reasons called so"),
        (ReasonSaid("Something else", "other", is_retired=True), "stays, for what no other reason says"),
        (ReasonSaid("Gone", "gone"), "there is no reason gone"),
    ],
)
def test_it_rejects_what_does_not_fit(reason: ReasonSaid, said: str) -> None:
    from vaglio_server.crm.models import LossReason

    with pytest.raises(Refused, match=said):
        put(reason)
    with pytest.raises(Refused, match="too many"):
        put(*(ReasonSaid(f"Reason {number}") for number in range(40)))
    assert not LossReason.objects.exists()
