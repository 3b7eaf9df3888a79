"""Who was erased stays so, whatever backup is brought back: hashes are carried over, and who is in the backup is erased again.

Until that is done the hashes wait in a file of the data folder: whatever command comes next, the server's start too, finishes it first.
"""

import os
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from vaglio.aside import aside
from vaglio.errors import VaglioError
from vaglio_server.config import env
from vaglio_server.config.session import WAITING
from vaglio_server.crm.logic.erased import Key, digest_of
from vaglio_server.crm.models import Contact, ErasedKey
from vaglio_server.forms.models import Submission
from vaglio_server.imports.models import RefusedRow
from vaglio_server.privacy.actions import NobodyThere, erase
from vaglio_server.privacy.queries import Person, known_now
from vaglio_server.tracking.logic.calls import email_of
from vaglio_server.tracking.models import Identity
from vaglio_server.tracking.queries import addresses_in, keys_of_refused

RESTORING = "restoring"  # by whom people are erased again
HEAD = "vaglio erased "
LENGTH = 64  # of a hash


@dataclass(frozen=True)
class Line:
    """A key of somebody who was erased, whose it is, when that was, and when they were let in again."""

    digest: str
    person: str
    at: datetime
    let_in_at: datetime | None

    def __str__(self) -> str:
        let_in = self.let_in_at.isoformat() if self.let_in_at else "-"
        return f"{self.digest} {self.person} {self.at.isoformat()} {let_in}"


def lines() -> list[str]:
    """Return who was erased, as a file holds it; the first line says by which secret the hashes are."""
    rows = ErasedKey.objects.order_by("at", "digest").values_list("digest", "person", "at", "let_in_at")
    return [f"{HEAD}{_of_secret()}", *(str(Line(digest, str(person), at, let_in)) for digest, person, at, let_in in rows)]


def _of_secret() -> str:
    return digest_of(("secret", ""), settings.SECRET_KEY)


def ledger(file: Path | None) -> list[Line]:
    """Return who was erased here, and by a file that ``vaglio person erased`` printed.

    Raises
    ------
    VaglioError
        The file is none of those, or one by another secret.
    """
    given = _read(file.read_text(encoding="utf-8", errors="replace"), file) if file is not None else []
    try:
        with transaction.atomic():
            here = _in_tables()
    except ProgrammingError:  # tables of before there were erasures
        here = []
    return _newest([*here, *given])


def _newest(lines: Iterable[Line]) -> list[Line]:
    """Return each key once, as it was known last: erased again after it was let in, or let in after it was erased."""
    found: dict[str, Line] = {}
    for line in sorted(lines, key=lambda line: (line.at, line.let_in_at or line.at)):
        found[line.digest] = line
    return list(found.values())


def _in_tables() -> list[Line]:
    return [Line(row.digest, str(row.person), row.at, row.let_in_at) for row in ErasedKey.objects.all()]


def _waiting() -> Path:
    return env.home() / WAITING


def _read(text: str, file: Path) -> list[Line]:
    head, *rows = text.splitlines() or [""]
    if not head.startswith(HEAD):
        raise VaglioError("erased", f"{file} does not say who was erased", "give what vaglio person erased printed")
    if head != f"{HEAD}{_of_secret()}":
        raise VaglioError("erased", f"{file} is by another secret than this installation's", "set the VAGLIO_SECRET_KEY of that time")
    try:
        return [_line(row) for row in rows if row.strip()]
    except ValueError as error:
        raise VaglioError("erased", f"{file} does not say who was erased", "give what vaglio person erased printed") from error


def _line(row: str) -> Line:
    digest, person, at, let_in = row.split()
    found = Line(bytes.fromhex(digest).hex(), str(uuid.UUID(person)), _instant(at), None if let_in == "-" else _instant(let_in))
    if len(found.digest) != LENGTH:
        raise ValueError(row)
    return found


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def tables_now() -> int:
    """Return the number that PostgreSQL gave the tables that are there, 0 where there are none: those of a backup get another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(to_regclass('django_migrations')::oid, 0)")
        return int(cursor.fetchone()[0])


def keep_waiting(held: list[Line], tables: int) -> None:
    """Write a ledger down, whole and on disk, before the ``tables`` that hold it are dropped; :func:`finish` reads it after."""
    _waiting().parent.mkdir(parents=True, exist_ok=True)
    with aside(_waiting()) as hidden, hidden.open("w", encoding="utf-8") as file:
        file.write("\n".join([str(tables), f"{HEAD}{_of_secret()}", *map(str, held)]) + "\n")
        file.flush()
        os.fsync(file.fileno())


def finish(now: datetime) -> int:
    """Erase again whoever the ledger names that waits and the tables do not, if one does; return how many people were there.

    Of whom the tables know that they were erased then, nothing is from before. Where the tables were not dropped after all, nothing is
    done.
    """
    if not _waiting().exists():
        return 0
    tables, _, told = _waiting().read_text(encoding="utf-8").partition("\n")
    people = 0 if int(tables) == tables_now() else _finished(_read(told, _waiting()), now)
    _waiting().unlink()
    return people


def _finished(held: list[Line], now: datetime) -> int:
    here = _in_tables()
    known = {(line.digest, line.at) for line in here}
    people = _erased_again({line.digest: line.person for line in held if (line.digest, line.at) not in known}, now)
    for line in _newest([*here, *held]):
        ErasedKey.objects.update_or_create(
            digest=line.digest, defaults={"person": line.person, "at": line.at, "let_in_at": line.let_in_at}
        )  # fmt: skip
    return people


def _erased_again(gone: dict[str, str], now: datetime) -> int:
    """Erase whoever the tables know by keys of people who are gone, all at once: requests are looked through once, however many these are.

    ``gone``: by the hash of a key whose it is. More keys of theirs that are found stay theirs, so that letting one in lets no other in.
    """
    keys: dict[str, set[Key]] = {}
    for key, digest in _known_as(gone).items():
        keys.setdefault(gone[digest], set()).add(key)
    people = {whose: known_now(Person(keys=frozenset(its))) for whose, its in keys.items()}
    try:
        if people:
            erase(person=known_now(Person(keys=frozenset(key for each in people.values() for key in each.keys))), by=RESTORING, at=now)
    except NobodyThere:
        return 0
    for whose, each in people.items():
        ErasedKey.objects.of(each.keys).update(person=whose)
    return len(people)


def _known_as(digests: Collection[str]) -> dict[Key, str]:
    """Return the keys in the tables that are those of people who were erased, each with its hash."""
    if not digests:
        return {}
    return {key: digest for key in set(_keys()) if (digest := digest_of(key, settings.SECRET_KEY)) in digests}


def _keys() -> Iterator[Key]:
    """Return every key in the tables: of identities and contacts, and of what was sent or brought in and could not be taken."""
    yield from Identity.objects.values_list("kind", "value").iterator()
    yield from keys_of_refused()
    for cells in RefusedRow.objects.values_list("cells", flat=True).iterator():
        yield from (("email", email) for cell in cells for email in addresses_in(str(cell)))
    for rows in (Contact.objects.values_list("fields__email", flat=True), Submission.objects.values_list("answers__email", flat=True)):
        for said in rows.iterator():
            if email := email_of(said):
                yield "email", email
