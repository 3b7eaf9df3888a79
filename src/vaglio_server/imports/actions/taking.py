"""Taking the rows of files that run, as requests of a source of their own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from vaglio_server.crm.actions import copy_rows, hold_contacts
from vaglio_server.imports.actions.companies import hold_companies, take_company
from vaglio_server.imports.actions.contacts import take_contacts
from vaglio_server.imports.actions.facts import take_facts
from vaglio_server.imports.logic.companies import Company
from vaglio_server.imports.logic.reasons import counted
from vaglio_server.imports.logic.sheets import BadFile, Row
from vaglio_server.imports.logic.strangers import noted
from vaglio_server.imports.models import Holds, Import, ImportPart, ImportState
from vaglio_server.imports.queries import SOURCE, read_rows, sheet_of
from vaglio_server.imports.queries.facts import COLUMN
from vaglio_server.imports.queries.rows import Read
from vaglio_server.refused import Refused
from vaglio_server.tracking.models import Delivery, Source

ONE_SOURCE = 730_418  # an advisory lock: whoever takes the first rows makes the source
ROWS = 500  # taken together
# Verbs on companies lock one after the other, so each has its own transaction. Contacts are written under the lock on knowledge, for which
# events that come in wait.
FEWER = {Holds.COMPANIES: 1, Holds.CONTACTS: 200}


class Importer:
    """Takes the rows of files that run, some at a time; used by one thread."""

    def __init__(self) -> None:
        self._open: tuple[tuple[int, int], Iterator[Row]] | None = None  # which import after how many rows, and the rows after those

    def step(self, at: datetime) -> int:
        """Take the next rows of one import, once those before are leads; return how many rows that were.

        Rows become one request of the source ``Files``, in the transaction that counts them: after a crash neither or both are there.
        """
        try:
            with transaction.atomic():
                return self._step(at)
        except BaseException:
            self._open = None
            raise

    def _step(self, at: datetime) -> int:
        each = Import.objects.select_for_update(skip_locked=True).filter(state=ImportState.RUNNING).order_by("id").first()
        if each is None:
            return 0
        source = _source(each)
        if Delivery.objects.filter(source=source, is_open=True).exists():
            return 0  # events that come in meanwhile have their turn
        most = min(ROWS, FEWER.get(Holds(each.holds), ROWS))
        try:
            rows = list(islice(self._rows(each), most))
        except BadFile as error:
            _let_go(each)
            Import.objects.filter(pk=each.pk).update(state=ImportState.FAILED, error=str(error), finished_at=at, kinds=each.kinds)
            return 0
        self._take(each, source, rows, at)
        if len(rows) < most:
            each.state, each.finished_at, self._open = ImportState.DONE, at, None
            _let_go(each)
        elif self._open is not None:
            self._open = ((each.pk, each.rows_read), self._open[1])
        each.save()
        return len(rows)

    def _rows(self, each: Import) -> Iterator[Row]:
        """Return the rows that were not read yet."""
        place = (each.pk, each.rows_read)
        if self._open is None or self._open[0] != place:
            self._open = (place, islice(sheet_of(each).rows, each.rows_read, None))
        return self._open[1]

    def _take(self, each: Import, source: Source, rows: list[Row], at: datetime) -> None:
        if each.holds == Holds.CONTACTS:
            with connection.cursor() as cursor:
                hold_contacts(cursor)  # before they are looked up
        read = read_rows(each, rows)
        if each.holds == Holds.COMPANIES:
            read = _with_companies(each, rows, read, at)
        elif each.holds == Holds.CONTACTS:
            take_contacts(each=each, lot=read.lot, at=at)
        elif each.holds in COLUMN and read.taken:
            take_facts(each=each, read=read, at=at)
        each.rows_read += len(rows)
        each.rows_refused += len(read.refused)
        each.rows_partly += len(read.partly)
        each.rows_known += read.known
        each.rows_again += len(read.again)
        for name, rows_of in (("refused", read.refused), ("partly", read.partly)):
            each.reasons[name] = counted(each.reasons.get(name, {}), ((row.line, reason) for row, reason in rows_of))
        each.rows_alike += read.alike if each.skips_alike else 0
        each.strangers = noted(each.strangers, ((its.name, its.rows, its.is_shared) for its in read.owners if not its.user))
        unknown = ((its.name, its.rows, False) for its in read.countries if not its.meant)
        each.unknown_countries = noted(each.unknown_countries, unknown)
        each.rows_new += len(read.taken) - read.known - (read.alike if each.skips_alike else 0)
        if read.calls:
            body = json.dumps({"batch": read.calls}, ensure_ascii=False).encode()
            Delivery.objects.create(source=source, kind="batch", body=body, received_at=at, bringer=each.bringer)
        with connection.cursor() as cursor:
            told = (
                (each.pk, row.line, reason, json.dumps(row.cells), is_taken)
                for is_taken, rows in ((False, read.refused), (True, read.partly)) for row, reason in rows
            )  # fmt: skip
            copy_rows(cursor, "imports_refusedrow (of_id, line, reason, cells, is_taken)", told)
            copy_rows(cursor, "imports_rowagain (of_id, line, first_line)", ((each.pk, line, first) for line, first in read.again))


def _let_go(each: Import) -> None:
    """Forget the file itself, and what was seen in its cells: nobody reads it again, and what its rows say is kept where they went."""
    ImportPart.objects.filter(of=each).delete()
    each.kinds = {place: its | {"values": []} for place, its in each.kinds.items()}


def _source(each: Import) -> Source:
    """Return the source whose requests rows are; of several workers that bring in the first files at once one makes it."""
    found = Source.objects.filter(name=SOURCE).order_by("id").first()
    if found is not None:
        return found
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_SOURCE])
    return Source.objects.get_or_create(name=SOURCE, defaults={"created_at": each.created_at})[0]


def _with_companies(each: Import, rows: list[Row], read: Read, at: datetime) -> Read:
    """Take companies, and return what was read without those that the verbs refuse."""
    by_line = {row.line: row for row in rows}
    taken, refused = [], list(read.refused)
    hold_companies(said for _line, said in read.taken if isinstance(said, Company))
    for line, said in read.taken:
        try:
            if isinstance(said, Company):
                listed = replace(said, list_name=each.list_name) if said.list_name is None else said
                take_company(each=each, said=listed, at=at)
            taken.append((line, said))
        except Refused as error:
            refused.append((by_line[line], str(error)))
    lines = {line for line, _said in taken}
    partly = [(row, reason) for row, reason in read.partly if row.line in lines]
    return replace(read, taken=taken, known=min(read.known, len(taken)), refused=refused, partly=partly)
