"""What a model waits for: a signature of whoever looks, to be made live, or to be looked at again as its text says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.models import SPEAKERS, ModelRemark, ModelVersion
from vaglio_server.scoring.queries import Unsigned, newest_drafts, remarks_to_answer, unsigned_beside
from vaglio_server.users.models import MARKETERS, User
from vaglio_server.web.model_pages import page_of
from vaglio_server.web.words import plain
from vaglio_server.web.writers import writers

SHOWN = 200  # characters of a remark on Home


@dataclass(frozen=True)
class Waits:
    """A model that waits: what for, why it matters, and where that is done."""

    title: str
    why: str
    address: str
    button: str


def model_waits(user: User, live: Sequence[ModelVersion], today: date) -> list[Waits]:
    """Return what models wait for that a user can do."""
    found = [_signature(each) for each in unsigned_beside(user)]
    drafts = newest_drafts() if user.role in SPEAKERS else []
    found += [_said(each) for each in remarks_to_answer(user, drafts)]
    if user.role in MARKETERS:
        found += [_agreed(draft) for draft in drafts if draft.signed_at is not None]
        found += [_review(version, by) for version in live if (by := review_by(version)) is not None and by < today]
    return found


def review_by(version: ModelVersion) -> date | None:
    """Return until when a model is to be looked at again, as its text says."""
    promises = document_of(version.text).promises
    return promises.review_by if promises else None


def _title(version: ModelVersion) -> str:
    return version.title or plain(version.scoring_model.name)


def _called(version: ModelVersion) -> str:
    return _("{title}, version {n},").format(title=_title(version), n=version.number)


def _signature(each: Unsigned) -> Waits:
    title = _("{model} waits for the signature of {side}").format(model=_called(each.version), side=each.side.label)
    signer = writers([each.signed_by])[each.signed_by].name
    why = _("{called} has signed it for the other side. Read what it changes and sign it, or tell {called} what is wrong with it.")
    return Waits(title, why.format(called=signer), page_of(each.version), _("Read and sign"))


def _said(remark: ModelRemark) -> Waits:
    speaker, version = writers([remark.by])[remark.by].name, remark.version
    title = _("{called} has said something of version {n} of {title}").format(called=speaker, n=version.number, title=_title(version))
    why = _("“{text}”").format(text=Truncator(remark.text).chars(SHOWN))
    return Waits(title, why, f"{page_of(version)}#remarks", _("Read and answer"))


def _agreed(draft: ModelVersion) -> Waits:
    title = _("{model} is signed by both sides and waits to be made live").format(model=_called(draft))
    return Waits(title, _("Until then leads are rated as before."), page_of(draft), _("Look at it"))


def _review(version: ModelVersion, by: date) -> Waits:
    title = _("{model} was to be looked at again by {day}").format(model=_called(version), day=date_format(by, "j M Y"))
    why = _("So its text says. Hold it against history; then change it, or agree on another day.")
    return Waits(title, why, page_of(version, "model-evidence"), _("Look at the evidence"))
