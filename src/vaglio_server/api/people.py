"""One person: all that is stored of them, to be given out or erased, as whoever answers such requests asks by a program."""

from datetime import UTC, datetime
from typing import Any

from ninja import Router, Schema
from ninja.errors import HttpError

from vaglio_server.api.tokens import WRITING
from vaglio_server.crm.actions import let_in
from vaglio_server.privacy.actions import erase, rate_again, stop_rating, told_to
from vaglio_server.privacy.queries import Person, person_of
from vaglio_server.tracking.logic.calls import email_of
from vaglio_server.users.models import Role

router = Router(tags=["people"])


class ErasedOut(Schema):
    """What was deleted (rows by table), which receivers were told of the person, and which files wait that may name them."""

    rows: dict[str, int]
    receivers: list[str]
    files: list[str]


class RatedOut(Schema):
    """The leads of a person that are rated no more, or again."""

    leads: list[int]


class LetInOut(Schema):
    """How many of their keys were kept out until now."""

    keys: int


class PersonIn(Schema):
    """A mail address of a person; in the body, for addresses of requests stand in the logs of proxies."""

    email: str


@router.post("/give-out", response=dict[str, list[dict[str, Any]]], operation_id="people_give_out", auth=WRITING)
def people_give_out(request: Any, given: PersonIn) -> Any:
    """Return everything that is stored of a person, row by row of each table."""
    return told_to(person=_person(request, given), by=request.auth.user.username, at=datetime.now(UTC))


@router.post("/erase", response=ErasedOut, operation_id="people_erase", auth=WRITING)
def people_erase(request: Any, given: PersonIn) -> Any:
    """Delete everything that is stored of a person, for good; they are not taken in again."""
    done = erase(person=_person(request, given), by=request.auth.user.username, at=datetime.now(UTC))
    return ErasedOut(rows=done.rows, receivers=done.receivers, files=done.files)


@router.post("/let-in", response=LetInOut, operation_id="people_let_in", auth=WRITING)
def people_let_in(request: Any, given: PersonIn) -> Any:
    """Let somebody in again who was erased, because they ask for it. What was erased stays so."""
    address = _address(request, given)
    return LetInOut(keys=let_in(keys=[("email", address)], by=request.auth.user.username, at=datetime.now(UTC)))


@router.post("/stop-rating", response=RatedOut, operation_id="people_stop_rating", auth=WRITING)
def people_stop_rating(request: Any, given: PersonIn) -> Any:
    """Rate a person no more, because they object to it, and delete their scores; they stay leads."""
    return RatedOut(leads=stop_rating(person=_person(request, given), by=request.auth.user.username, at=datetime.now(UTC)))


@router.post("/rate-again", response=RatedOut, operation_id="people_rate_again", auth=WRITING)
def people_rate_again(request: Any, given: PersonIn) -> Any:
    """Rate a person again who takes their objection back. What was deleted stays so."""
    return RatedOut(leads=rate_again(person=_person(request, given), by=request.auth.user.username, at=datetime.now(UTC)))


def _person(request: Any, given: PersonIn) -> Person:
    return person_of(email=_address(request, given))


def _address(request: Any, given: PersonIn) -> str:
    """Return a mail address as keys hold it, for those who may ask."""
    if request.auth.user.role != Role.ADMINISTRATOR:
        raise HttpError(403, "all that is known of a person is for administrators")
    address = email_of(given.email)
    if address is None:
        raise HttpError(422, "email is no mail address; give one such as anna@acme.example")
    return address
