"""Who was erased stays so, whatever backup is brought back: hashes are carried over, and who is in the backup is erased again.

Until that is done the ledger waits in a file of the data folder, so that a restore that was cut off is finished by the next one.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import ProgrammingError, transaction

from vaglio.errors import VaglioError
from vaglio_server.config import env
from vaglio_server.crm.logic.erased import Key, digest_of
from vaglio_server.crm.models import Contact, ErasedKey
from vaglio_server.privacy.actions import erase
from vaglio_server.privacy.queries import person_of
from vaglio_server.tracking.logic.calls import email_of
from vaglio_server.tracking.models import Identity

Ledger = dict[str, datetime]  # when whoever has a hash was erased
RESTORING = "restoring"  # by whom people are erased again


def ledger(file: Path | None) -> Ledger:
    """Return who was erased here, by what a restore before left behind, and by a file that ``vaglio person erased`` printed.

    Raises
    ------
    VaglioError
        The file is none of those.
    """
    found = _read(_waiting()) if _waiting().exists() else {}
    try:
        with transaction.atomic():
            found |= dict(ErasedKey.objects.values_list("digest", "at"))
    except ProgrammingError:  # tables of before there were erasures
        pass
    return found | (_read(file) if file is not None else {})


def _waiting() -> Path:
    return env.home() / "erased.waiting"


def _read(file: Path) -> Ledger:
    try:
        rows = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        return {bytes.fromhex(digest).hex(): datetime.fromisoformat(at) for digest, at in rows}
    except ValueError as error:
        raise VaglioError("erased", f"{file} does not say who was erased", "give what vaglio person erased printed") from error


def keep_waiting(held: Ledger) -> None:
    """Write a ledger down before the tables that hold it are dropped."""
    if held:
        _waiting().write_text("".join(f"{digest} {at.isoformat()}\n" for digest, at in held.items()), encoding="utf-8")


def erase_again(held: Ledger, now: datetime) -> int:
    """Erase everybody in the tables who is in the ledger, and return how many people that were."""
    ErasedKey.objects.bulk_create((ErasedKey(digest=digest, at=at) for digest, at in held.items()), ignore_conflicts=True)
    people = 0
    for kind, value in _known_as(ErasedKey.objects.values_list("digest", flat=True)):
        identities = Identity.objects.filter(kind=kind, value=value)
        person = person_of(email=value) if kind == "email" else person_of(leads=list(identities.values_list("links__lead", flat=True)))
        if person:
            erase(person=person, by=RESTORING, at=now)
            people += 1
    _waiting().unlink(missing_ok=True)
    return people


def _known_as(digests: Iterable[str]) -> list[Key]:
    """Return the keys in the tables that are those of people who were erased."""
    gone = set(digests)
    return [key for key in dict.fromkeys(_keys()) if digest_of(key, settings.SECRET_KEY) in gone] if gone else []


def _keys() -> Iterator[Key]:
    yield from Identity.objects.values_list("kind", "value").iterator()
    for said in Contact.objects.values_list("fields__email", flat=True).iterator():
        if email := email_of(said):
            yield "email", email
