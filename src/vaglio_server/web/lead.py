"""One lead: who it is, where it stands and why, its score over time, and what happened."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import chain, groupby
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from vaglio.dates import to_microseconds
from vaglio_server.crm.actions import OWNER
from vaglio_server.crm.models import Contact, FieldChange, Lead, LeadOutcome
from vaglio_server.crm.queries import history_of, notes_on
from vaglio_server.forms.queries import agreed_to_by
from vaglio_server.scoring.engine import Instants, ModelDocument, document_of, looked_back
from vaglio_server.scoring.logic.colleagues import colleagues_shown
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import crossings_of, history, latest_scores, version_at
from vaglio_server.scoring.scorers import a_scorer
from vaglio_server.tracking.queries import activities_of
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.audience import audience_words, field_lacked, what_is_asked
from vaglio_server.web.joining import lead_now, who
from vaglio_server.web.known import fields_shown
from vaglio_server.web.lead_deeds import deeds
from vaglio_server.web.leads import KEEPERS
from vaglio_server.web.quality import doubted
from vaglio_server.web.standing import move_items, standing, stay_items
from vaglio_server.web.whole_number import whole_number
from vaglio_server.web.why import awaited, sides
from vaglio_server.web.words import plain, shown, shown_of
from vaglio_server.web.writers import Writer, writers

ITEMS = 20
ABOUT = ("path", "form", "content_type", "campaign", "minutes")  # what an activity was about, in a word
SCORES = 500
ACTIVITIES = 300
SHOWN_EFFECTS = 5
CONSENTS = 20
VALUES = 400  # of fields, enough for many items
_NAMES = {"first_name", "last_name", "name", "email", "job_title"}


@dataclass(frozen=True)
class Item:
    """Something that happened: an activity, a change of rating, a value that became known.

    ``of``: the type of an activity; ``idle``: why it surely gives no points.
    """

    at: datetime
    kind: str
    title: str
    detail: str
    is_machine: bool = False
    rating: str | None = None
    of: str = ""
    idle: str = ""


@allowed(*EVERYBODY)
def lead_detail(request: Signed, lead_id: int) -> HttpResponse:
    """Show a lead; why it has its score comes as a fragment, because the engine works it out."""
    seen = Lead.objects.ever_visible_to(request.user).select_related("account", "owner__team", "standing")
    lead = get_object_or_404(seen.prefetch_related("enrollments"), pk=lead_id)
    if lead.merged_into_id is not None:
        return redirect("lead-detail", lead.merged_into_id)
    if lead.taken_back_at is not None:
        raise Http404(f"lead {lead_id} was taken back with the file that brought it")
    scores = latest_scores(lead)
    driving = next((each for each in scores if each.version.scoring_model.is_driving), None)
    document = document_of(driving.version.text) if driving else None
    others = (
        Lead.objects.visible_to(request.user).filter(account=lead.account).exclude(pk=lead.pk) if lead.account_id else Lead.objects.none()
    )
    objection = _objection(lead)
    return render(
        request,
        "leads/lead_detail.html",
        (objection or _why_unrated(request, lead, driving.version if driving else None))
        | {
            "lead": lead,
            "score": driving.score if driving else None,
            "version": driving.version if driving else None,
            "awaited": awaited(document, driving.score if driving else None),
            "destination": _destination(document, lead.rating),
            "others": [each for each in scores if each is not driving],
            "colleagues": others.order_by("rank", "id")[:6],
            **_known(lead),
            "consents": agreed_to_by(lead, limit=CONSENTS),
            "is_marketer": request.user.role in MARKETERS,
            "course": _course(lead),
            "days": 0 if objection else max(0, (timezone.localdate() - timezone.localdate(lead.created_at)).days),
            **who(request, lead),
            **deeds(request, lead),
            **standing(lead),
            **doubted(lead),
            **_items(lead, None, document),
        },
    )


def _known(lead: Lead) -> dict[str, Any]:
    fields, more = fields_shown("lead", sorted(lead.fields.items()), _NAMES)
    theirs, more_theirs = fields_shown("account", list(lead.account.fields.items()) if lead.account else ())
    return {"fields": fields, "more_fields": more, "account_fields": theirs, "more_account_fields": more_theirs}


def _destination(document: ModelDocument | None, rating: str | None) -> str:
    name = document.destination(rating) if document is not None and rating is not None else None
    return {"sales": _("for sales now"), "none": _("no action"), None: ""}.get(name, _("nurture: {name}").format(name=plain(name)))


def _course(lead: Lead) -> dict[str, Any]:
    """Return the scores a lead had and what it did, for the drawing over time."""
    scores = list(reversed(history(lead, None)[:SCORES]))
    acts = activities_of(lead).filter(is_machine=False)[:ACTIVITIES]
    return {
        "scores": [
            [score.as_of.isoformat(), score.profile_millipoints / 1000, score.engagement_millipoints / 1000, score.rating]
            for score in scores
        ],
        "activities": [[each.occurred_at.isoformat(), plain(each.activity_type)] for each in acts],
        "words": {"fit": _("Fit"), "engagement": _("Engagement"), "activity": _("Activity")},
    }


def _objection(lead: Lead) -> dict[str, Any]:
    """Return since when nobody rates a lead because the person objected, and who wrote that down; nothing where they did not."""
    its = lead.objections.filter(until=None).first()
    return {"objection": its, "objection_by": writers([its.by])[its.by]} if its else {}


def _why_unrated(request: Signed, lead: Lead, rated_by: ModelVersion | None) -> dict[str, Any]:
    """Return what will be said of a lead without a score, so that its place is kept while the reason is worked out."""
    live = None if rated_by else version_at(None, datetime.now(UTC))
    if live is None:
        return {}
    return _outside(request, lead, document_of(live.text))


def _outside(request: Signed, lead: Lead, document: ModelDocument) -> dict[str, Any]:
    """Return whom a model rates, what of that is known of a lead, and what of it somebody may say who changes leads."""
    lacked = field_lacked(document, lead) if request.user.role in KEEPERS else None
    return {"document": document, "audience": audience_words(document), "asked": what_is_asked(document, lead), "lacked": lacked}


@allowed(*EVERYBODY)
def lead_why(request: Signed, lead_id: int) -> HttpResponse:
    """Show the lines that sum to a lead's score, each down to its activities; with ``day``, as it stood so many days after it was made."""
    lead = lead_now(request, lead_id)
    if objection := _objection(lead):
        return render(request, "leads/_lead_why.html", {"lead": lead, **objection})
    now = datetime.now(UTC)
    past = _past_day(lead, request.GET.get("day", ""), now)
    version = version_at(None, past or now)
    context: dict[str, Any] = {"lead": lead, "past": past, "version": version}
    if version is None:
        return render(request, "leads/_lead_why.html", context)
    at = to_microseconds(past or now)
    document = document_of(version.text)
    with a_scorer() as scorer:
        found = scorer.explanation(document, lead.pk, Instants(at, at))
    if found is None:
        context |= _outside(request, lead, document)
    context |= {
        "found": found,
        "sides": sides(document, found, None if past else lead, _colleagues(request, found)) if found else [],
        "missing": found.missing[:3] if found and not past else (),
    }
    return render(request, "leads/_lead_why.html", context)


def _colleagues(request: Signed, found: Any) -> dict[int, Lead]:
    """Return the colleagues an explanation counts whom somebody may see."""
    ids = colleagues_shown(found)
    return Lead.objects.visible_to(request.user).in_bulk(ids) if ids else {}


def _past_day(lead: Lead, text: str, now: datetime) -> datetime | None:
    """Return the end of a day, where the reader is, by its number since the lead was made; None: today, or no number."""
    days = whole_number(text, 5)
    if days is None:
        return None
    day = timezone.localdate(lead.created_at) + timedelta(days=days)
    return datetime.combine(day, time.max, timezone.get_current_timezone()) if day < timezone.localdate(now) else None


@allowed(*EVERYBODY)
def lead_outlook(request: Signed, lead_id: int) -> HttpResponse:
    """Show when the rating changes if nothing happens, and what one activity more would do."""
    lead = lead_now(request, lead_id)
    now = datetime.now(UTC)
    version, at = version_at(None, now), to_microseconds(now)
    found = None
    if version is not None:
        with a_scorer() as scorer:
            found = scorer.outlook(document_of(version.text), lead.pk, Instants(at, at))
    changes = [(each, now + timedelta(days=each.days)) for each in found.changes] if found else []
    effects = [(each, _act(each.act)) for each in found.effects[:SHOWN_EFFECTS]] if found else []
    context = {"lead": lead, "found": found, "changes": changes, "effects": effects, "version": version}
    return render(request, "leads/_lead_outlook.html", context)


def _act(act: Any) -> str:
    about = ", ".join(f"{plain(name)} {shown(value)}" for name, value in act.properties)
    return f"{plain(act.activity_type)} ({about})" if about else plain(act.activity_type)


@allowed(*EVERYBODY)
def lead_field(request: Signed, lead_id: int, field: str) -> HttpResponse:
    """Show every value that a field of a lead took, newest first: since when it was known, and by whom."""
    return values_taken(request, lead_now(request, lead_id), field)


def values_taken(request: Signed, record: Lead | Contact, field: str) -> HttpResponse:
    """Show every value that a field of a record took, newest first."""
    changes = list(history_of(record, field=field).order_by("-known_at", "-pk")[:VALUES])
    by = writers(change.by for change in changes)
    found = {"changes": [(change, by[change.by]) for change in changes], "sees_files": request.user.role in MARKETERS}
    return render(request, "leads/_lead_field.html", found)


@allowed(*EVERYBODY)
def lead_timeline(request: Signed, lead_id: int) -> HttpResponse:
    """Show what happened before an instant."""
    lead = lead_now(request, lead_id)
    version = version_at(None, datetime.now(UTC)) if lead.profile_millipoints is not None else None
    document = document_of(version.text) if version else None
    items = _items(lead, instant_asked(request.GET.get("before", "")), document)
    return render(request, "leads/_lead_timeline.html", {"lead": lead, **items})


def instant_asked(text: str) -> datetime | None:
    """Return an instant as an address gives it; None where it is none."""
    try:
        at = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def happened(lead: Lead, before: datetime | None) -> Iterator[Item]:
    """Yield what a lead did and what became of it before an instant, of each kind as much as is shown, in no order."""
    acts = (activity_item(each) for each in activities_of(lead, before=before)[: ITEMS + 1])
    crossings = (
        Item(each.at, "rating", _("Rating"), each.rating_before or "", rating=each.rating_after)
        for each in crossings_of(lead, before=before)[: ITEMS + 1]
    )  # fmt: skip
    wrote = note_items(lead, before)
    stood = (*move_items(lead, before, ITEMS + 1), *stay_items(lead, before, ITEMS + 1))
    moves = (Item(at, "move", title, about) for at, title, about in stood)
    yield from chain(acts, crossings, wrote, moves, _outcomes(lead, before))


def note_items(about: Lead | Contact, before: datetime | None) -> Iterator[Item]:
    """Yield the newest notes, each with the name of who wrote it."""
    notes = list(notes_on(about).filter(Q(at__lt=before) if before else Q()).order_by("-at", "-pk")[: ITEMS + 1])
    by = writers(each.by for each in notes)
    yield from (Item(each.at, "note", each.text, by[each.by].name) for each in notes)


def _items(lead: Lead, before: datetime | None, document: ModelDocument | None) -> dict[str, Any]:
    found = newest(chain(happened(lead, before), _changes(lead, before)), ITEMS)
    return found | {"items": told_idle(found["items"], document, datetime.now(UTC))}


def told_idle(items: Iterable[Item], document: ModelDocument | None, now: datetime) -> list[Item]:
    """Return items, of activities that surely give no points by a model with why; of machines' that is said already."""
    far = looked_back(document) if document is not None else {}

    def idle(item: Item) -> str:
        if document is None or item.kind != "activity" or item.is_machine:
            return ""
        if item.of not in far:
            return _("no points: no rule gives any for it")
        return _("no points: too long ago for every rule that gives any") if (now - item.at) // timedelta(seconds=1) >= far[item.of] else ""

    return [replace(item, idle=idle(item)) for item in items]


def newest(items: Iterable[Item], most: int) -> dict[str, Any]:
    """Return the newest of what happened, and before which instant there is more."""
    found = sorted(items, key=lambda item: item.at, reverse=True)
    if len(found) <= most:
        return {"items": found, "before": None}
    last = found[most - 1].at
    return {"items": [item for item in found if item.at >= last], "before": last.isoformat()}


def _outcomes(lead: Lead, before: datetime | None) -> Iterator[Item]:
    found = LeadOutcome.objects.present().filter(Q(occurred_at__lt=before) if before else Q(), lead=lead).order_by("-occurred_at")
    for each in found[: ITEMS + 1]:
        amount = f"{floatformat(each.value, '-2g')} {each.currency or ''}".rstrip() if each.value is not None else ""
        about = " · ".join(filter(None, (plain(each.reason), amount)))
        yield Item(each.occurred_at, "outcome", each.get_outcome_display(), about)


def _changes(lead: Lead, before: datetime | None) -> Iterator[Item]:
    """Yield what became known, one item for all that came together."""
    rows = history_of(lead).filter(Q(known_at__lt=before) if before else Q()).order_by("-known_at", "field")[:VALUES]
    changes = list(rows)
    by = writers(change.by for change in changes if change.field == OWNER)
    for at, together in groupby(changes, key=lambda change: change.known_at):
        yield Item(at, "field", "", ", ".join(_told(lead, change, by) for change in together))


def _told(lead: Lead, change: FieldChange, by: Mapping[str, Writer]) -> str:
    field, value = change.field, change.value
    if field == "account_id":
        return _("works for {company}").format(company=lead.account) if str(lead.account_id) == value else _("changed company")
    if field == OWNER:
        return f"{_owned(lead, value)} ({by[change.by].name})"  # who gave it
    return f"{plain(field)} {shown_of(value, field) or '–'}"


def _owned(lead: Lead, value: Any) -> str:
    if value is None:
        return _("nobody's")
    return _("owner {name}").format(name=lead.owner.called) if lead.owner and str(lead.owner_id) == value else _("another owner")


def activity_item(activity: Any) -> Item:
    """Return an activity as a timeline shows it."""
    about = [str(activity.properties[name]) for name in ABOUT if activity.properties.get(name)]
    if activity.activity_type == "form_submitted":  # what was asked and is no field of the lead: what they want
        said = ((name, value) for name, value in activity.properties.items() if isinstance(value, str) and name not in ABOUT)
        about += [f"{plain(name)}: {value}" for name, value in said]
    return Item(
        activity.occurred_at, "activity", plain(activity.activity_type), " · ".join(about), activity.is_machine, of=activity.activity_type
    )
