"""Giving out what is stored of a person, as a file for their hands; that it was done stands in the trail."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from vaglio.text import no_formula
from vaglio_server.privacy.actions.erasing import NobodyThere
from vaglio_server.privacy.queries import Person, cells, told_of
from vaglio_server.users.actions import audit

MADE = (1980, 1, 1, 0, 0, 0)  # of every file in it, so that the same is the same to the byte


@dataclass(frozen=True)
class Given:
    """A ZIP with ``person.json`` and a CSV file for each table, of how many tables and rows."""

    file: bytes
    tables: int
    rows: int


@transaction.atomic
def give_out(*, person: Person, by: str, at: datetime) -> Given:
    """Write everything that is stored of a person into a file.

    Raises
    ------
    NobodyThere
        Nothing is stored of them.
    """
    told = told_to(person=person, by=by, at=at)
    return Given(_zipped(told), len(told), sum(map(len, told.values())))


@transaction.atomic
def told_to(*, person: Person, by: str, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return everything that is stored of a person, by table.

    Raises
    ------
    NobodyThere
        Nothing is stored of them.
    """
    told = told_of(person, at)
    if not told:
        raise NobodyThere
    mine = [f"lead:{lead}" for lead in sorted(person.leads)] + [f"contact:{contact}" for contact in sorted(person.contacts)]
    for subject in mine:
        audit(by=by, verb="give_out_person", subject=subject, at=at)
    return told


def _zipped(told: Mapping[str, list[dict[str, Any]]]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as files:
        _put(files, "person.json", json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        for name, rows in told.items():
            sheet = io.StringIO(newline="")
            csv.writer(sheet).writerows([_cell(value) for value in row] for row in cells(rows))
            _put(files, f"{name}.csv", "\ufeff" + sheet.getvalue())
    return into.getvalue()


def _put(files: zipfile.ZipFile, name: str, text: str) -> None:
    files.writestr(zipfile.ZipInfo(name, MADE), text.encode("utf-8", "surrogatepass"), zipfile.ZIP_DEFLATED)


def _cell(value: Any) -> Any:
    """Return a value as a cell of a sheet, which no spreadsheet takes for a formula."""
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False) if isinstance(value, dict | list) else value
    return no_formula(text) if isinstance(text, str) else text
