"""Why sales are lost, as people keep the list of it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.pipelines import one_at_a_time
from vaglio_server.crm.actions.records import FaultyValues
from vaglio_server.crm.logic.loss import ReasonSaid, reason_faults, word_of
from vaglio_server.crm.models import LossReason
from vaglio_server.crm.queries import loss_reasons
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit


@transaction.atomic
def set_loss_reasons(*, reasons: Sequence[ReasonSaid], by: str, at: datetime) -> list[LossReason]:
    """Say for which reasons sales are lost, in this order; those that are there and not named stay as they are, behind.

    Opportunities keep the word of their reason, whatever it is called, and whether it is retired or not.

    Raises
    ------
    FaultyValues, Refused
        Something does not fit; a reason that is named is none.
    """
    one_at_a_time()
    there = {each.word: each for each in loss_reasons()}
    if strangers := sorted({each.word for each in reasons if each.word is not None} - there.keys()):
        raise Refused(_("there is no reason {word}; open the page again").format(word=strangers[0][:40]))
    named = {each.word for each in reasons}
    whole = [*reasons, *(each.said for word, each in there.items() if word not in named)]
    if faults := reason_faults(whole):
        raise FaultyValues(faults)
    kept: list[LossReason] = []
    for place, said in enumerate(whole):
        words = {*there, *(each.word for each in kept)}
        reason = there[said.word] if said.word is not None else LossReason(word=word_of(said.label, words))
        reason.label, reason.place = said.label, place
        reason.retired_at = (reason.retired_at or at) if said.is_retired else None
        reason.save()
        kept.append(reason)
    audit(by=by, verb="set_loss_reasons", subject="loss_reasons", at=at, reasons=[each.label for each in kept if each.retired_at is None])
    return kept
