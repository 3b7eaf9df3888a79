"""Working out who is suspicious, and what people decide. Nothing here changes a score by itself: ``spam`` is a list models may read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import Learned, learn, lock_leads, now_known
from vaglio_server.crm.models import Lead, ListMember
from vaglio_server.refused import Refused
from vaglio_server.tracking.logic.copies import ENOUGH, Said, keys_of, place_of, said_by
from vaglio_server.tracking.logic.suspicion import FAST, Person, doubts, score
from vaglio_server.tracking.models import SaidAlike, Suspicion, Verdict
from vaglio_server.users.actions import audit

SPAM = "spam"  # the list
MOST_ALIKE = 300  # others that are looked at again because somebody said what they said


@transaction.atomic
def suspect(*, leads: Collection[int], fastest: Mapping[int, float], at: datetime) -> int:
    """Work out how suspicious some leads are, and those who said the same; return how many are. What people decided stays.

    ``fastest``: of leads that sent a form just now, the seconds from the first page to it.
    """
    people = _people(leads)
    _write_said(people)
    places, others = _alike(people)
    people |= _people(others - set(people))
    before = Suspicion.objects.in_bulk(people)
    for lead, said in people.items():
        copies = {what: len(places[what, value]) - 1 for what, value in keys_of(said).items() if (what, value) in places}
        was = before.get(lead)
        times = [each for each in (fastest.get(lead), was.fastest if was else None) if each is not None and each <= FAST]
        _keep(lead, was, Person(*said, min(times, default=None), copies), at)
    return Suspicion.objects.filter(pk__in=people).count()


def _people(leads: Iterable[int]) -> dict[int, Said]:
    found = Lead.objects.present().filter(pk__in=list(leads)).values_list("pk", "fields")
    return {lead: said_by(fields) for lead, fields in found}


def _write_said(people: Mapping[int, Said]) -> None:
    SaidAlike.objects.filter(lead__in=people).delete()
    SaidAlike.objects.bulk_create(
        SaidAlike(lead_id=lead, what=what, value=value, place=place_of(said))
        for lead, said in people.items() for what, value in keys_of(said).items()
    )  # fmt: skip


def _alike(people: Mapping[int, Said]) -> tuple[dict[tuple[str, str], set[str]], set[int]]:
    """Return where, by their mail, the people are who said the same; and, where that is much, who they are."""
    values = {value for said in people.values() for value in keys_of(said).values()}
    places: dict[tuple[str, str], set[str]] = {}
    leads: dict[tuple[str, str], set[int]] = {}
    for what, value, place, lead in SaidAlike.objects.filter(what__in=ENOUGH, value__in=values).values_list(
        "what", "value", "place", "lead"
    ):
        places.setdefault((what, value), set()).add(place)
        leads.setdefault((what, value), set()).add(lead)
    # Where very many say the same, those before were found when it was fewer.
    many = (leads[key] for key, found in places.items() if len(found) > ENOUGH[key[0]] and len(leads[key]) <= MOST_ALIKE)
    return places, set().union(*many)


def _keep(lead: int, was: Suspicion | None, person: Person, at: datetime) -> None:
    """Write down what was found of a lead where it is new."""
    found = doubts(person)
    if not found and (was is None or was.verdict == Verdict.OPEN):
        if was is not None:
            was.delete()
        return
    told = {
        "score": score(found),
        "reasons": [asdict(each) for each in found],
        "names": sorted({each.reason for each in found}),
        "fastest": person.seconds,
    }
    if was is None or any(getattr(was, name) != value for name, value in told.items()):
        Suspicion.objects.update_or_create(pk=lead, defaults=told | {"known_at": at})


@transaction.atomic
def decide_suspicions(*, leads: Iterable[int], verdict: str, by: str, at: datetime) -> int:
    """Say of suspicious leads that they are genuine or spam, or that it is open again; return how many that were.

    Spam is on the list ``spam`` from now on, which models may exclude; who is genuine is not, and is not asked about again.

    Raises
    ------
    Refused
        There is no such verdict.
    """
    if verdict not in Verdict.values:
        raise Refused(_("{verdict} is no verdict; say genuine or spam").format(verdict=verdict))
    with connection.cursor() as cursor:
        held = lock_leads(cursor, list(leads))
        found = Suspicion.objects.filter(lead__in=list(leads), lead__merged_into=None, lead__taken_back_at=None).exclude(verdict=verdict)
        numbers = sorted(found.values_list("pk", flat=True))
        known_at = now_known(cursor)
        Suspicion.objects.filter(pk__in=numbers).update(verdict=verdict, decided_by=by, decided_at=at)
        if _list(numbers, verdict == Verdict.SPAM, known_at):
            learn(cursor, Learned([], {}, held), known_at, by=by)
    for lead in numbers:
        audit(by=by, verb="decide_suspicion", subject=f"lead:{lead}", at=at, verdict=verdict)
    return len(numbers)


def _list(leads: list[int], is_spam: bool, known_at: datetime) -> int:
    """Put leads on the list of spam or take them off it, and return how many that changes."""
    now_on = ListMember.objects.filter(list=SPAM, lead__in=leads, to_at=None)
    if not is_spam:
        return now_on.update(to_at=known_at)
    new = set(leads) - set(now_on.values_list("lead", flat=True))
    ListMember.objects.bulk_create(ListMember(list=SPAM, lead_id=lead, from_at=known_at, known_at=known_at) for lead in sorted(new))
    return len(new)
