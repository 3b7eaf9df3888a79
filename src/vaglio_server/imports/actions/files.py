"""Files as they are uploaded, kept whole, and mapped."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio.countries import code_of, codes
from vaglio_server.crm.actions import NewField, define_field, list_called
from vaglio_server.crm.logic.fields import KINDS, name_fault
from vaglio_server.crm.logic.standard import TAKEN
from vaglio_server.crm.queries import fields_of
from vaglio_server.imports.logic.days import BY_HAND, DAY_FIRST, MONTH_FIRST, Orders
from vaglio_server.imports.logic.fact_headings import (
    LOST_AT,
    MEMBER_FIELDS,
    OUTCOME,
    OUTCOME_FIELDS,
    WON_AT,
)
from vaglio_server.imports.logic.headings import (
    ACTIVITY_TYPE,
    DOING_FIELDS,
    EXTERNAL_ID,
    LIST,
    OCCURRED_AT,
    OWNER,
    system_of,
)
from vaglio_server.imports.logic.kinds import Kinds
from vaglio_server.imports.logic.sheets import BadFile, format_of, open_sheet
from vaglio_server.imports.models import Holds, Import, ImportPart, ImportState
from vaglio_server.imports.queries.before import FACTS, corrected, corrections, proposed_of, said_before
from vaglio_server.imports.queries.rows import OWN, SUBJECT_OF
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import User

MOST_BYTES = {"csv": 500 * 1024 * 1024, "xlsx": 50 * 1024 * 1024}
PIECE = 1 << 20
MOST_MEANT = 500  # texts that a file calls countries and somebody gave a meaning
_OWN = {*DOING_FIELDS, *MEMBER_FIELDS, *OUTCOME_FIELDS}
_OF_PEOPLE = {EXTERNAL_ID, OWNER}


@transaction.atomic
def keep_file(*, file: IO[bytes], file_name: str, user: User, at: datetime) -> Import:
    """Keep a file, with the columns mapped as well as its headings tell. It is read to its end, so that nothing is taken of a broken one.

    Raises
    ------
    BadFile
        It is no table, too large, or breaks off.
    """
    form = format_of(file)
    size = file.seek(0, 2)
    most = MOST_BYTES[form.kind]
    if size > most:
        raise BadFile(f"The file has {size >> 20:,} MB; {most >> 20} are taken at most. Cut it into several.")
    file.seek(0)
    sheet = open_sheet(file, form)
    orders, kinds, rows = Orders(), Kinds(), 0
    for row in sheet.rows:
        orders.note(row.cells)
        if not row.fault:
            kinds.note(row.cells)
        rows += 1
    if not rows:
        raise BadFile("The file has a heading and no rows.")
    file.seek(0)
    made = Import.objects.create(
        file_name=file_name[:200].replace("\x00", ""), bytes=size, kind=form.kind, encoding=form.encoding, delimiter=form.delimiter,
        system=system_of(sheet.heading), heading=sheet.heading, by=user, created_at=at, rows=rows,
        **said_before(sheet.heading, orders.found(), kinds.found()),
    )  # fmt: skip
    number = 0
    while piece := file.read(PIECE):
        ImportPart.objects.create(of=made, number=number, body=piece)
        number += 1
    audit(by=user.username, verb="keep_file", subject=f"import:{made.pk}", at=at, rows=rows)
    return made


@transaction.atomic
def say_holds(*, each: Import, what: str, said: Sequence[str | None] = (), by: str, at: datetime) -> None:
    """Say what the rows of a file are; its columns are mapped anew, but for those of which somebody said what they are (``said``).

    Raises
    ------
    Refused
        Files hold no such thing, or the import was started already.
    """
    held = _held(each)
    if what not in Holds.values:
        raise Refused(_("files hold no {what}; choose {values}").format(what=what, values=" or ".join(Holds.values)))
    held.columns = list(said) if len(said) == len(held.heading) else held.columns
    proposed = proposed_of(what, held.heading)
    fitting = {place: field for place, field in corrections(held).items() if field is None or not _column_fault(what, field)}
    Import.objects.filter(pk=held.pk).update(holds=what, proposed=proposed, columns=corrected(proposed, fitting))
    audit(by=by, verb="say_holds", subject=f"import:{each.pk}", at=at, holds=what)


@transaction.atomic
def say_orders(*, each: Import, chosen: Mapping[str, str], by: str, at: datetime) -> None:
    """Say of columns, by their places, whether their days have the day or the month first.

    Raises
    ------
    Refused
        A column has no such days, there is no such order, or the import was started already.
    """
    held = _held(each)
    for place, order in chosen.items():
        if place not in held.orders or order not in (DAY_FIRST, MONTH_FIRST):
            raise Refused(_("say of a column with days whether the day or the month is first"))
    new = {place: {"order": order, "by": BY_HAND} for place, order in chosen.items() if held.orders[place]["order"] != order}
    if new:
        Import.objects.filter(pk=held.pk).update(orders=held.orders | new)
        audit(by=by, verb="say_orders", subject=f"import:{each.pk}", at=at, orders=dict(chosen))


@transaction.atomic
def say_known(*, each: Import, skips_known: bool, skips_alike: bool, by: str, at: datetime) -> None:
    """Say whether who is a lead already is left as it is, and whether who is like one is left out.

    Raises
    ------
    Refused
        The import was started already.
    """
    held = _held(each)
    if (held.skips_known, held.skips_alike) != (skips_known, skips_alike):
        Import.objects.filter(pk=held.pk).update(skips_known=skips_known, skips_alike=skips_alike)
        audit(by=by, verb="say_known", subject=f"import:{each.pk}", at=at, skips_known=skips_known, skips_alike=skips_alike)


@transaction.atomic
def say_owners(*, each: Import, replaces: bool, by: str, at: datetime) -> None:
    """Say whether leads go to the owners that the file names also where somebody gave them to another.

    Raises
    ------
    Refused
        The import was started already.
    """
    held = _held(each)
    if held.replaces_owners is not replaces:
        Import.objects.filter(pk=held.pk).update(replaces_owners=replaces)
        audit(by=by, verb="say_owners", subject=f"import:{each.pk}", at=at, replaces=replaces)


@transaction.atomic
def say_countries(*, each: Import, meant: Mapping[str, str], by: str, at: datetime) -> None:
    """Say which countries texts mean that name none; empty: none, and the text is kept as it is.

    Raises
    ------
    Refused
        Letters are of no country, or the import was started already.
    """
    held = _held(each)
    if wrong := [code for code in meant.values() if code and code not in codes()]:
        raise Refused(_("{wrong} is no country; choose one").format(wrong=wrong[0]))
    found = {text: code for text, code in (held.countries | dict(meant)).items() if code and code_of(text) is None}
    if len(found) > MOST_MEANT:
        raise Refused(
            _("{found:,} names of countries are given a meaning; {most_meant} fit. Mend the file, and bring it in again").format(
                found=len(found), most_meant=MOST_MEANT
            )
        )
    if found != held.countries:
        Import.objects.filter(pk=held.pk).update(countries=found)
        audit(by=by, verb="say_countries", subject=f"import:{each.pk}", at=at, countries=found)


@transaction.atomic
def say_list(*, each: Import, name: str, by: str, at: datetime) -> None:
    """Say on which list companies or people are put whose row names none; blank: on none.

    Raises
    ------
    Refused
        The name is none, or the import was started already.
    """
    held = _held(each)
    name = list_called(name) if name.strip() else ""
    if name != held.list_name:
        Import.objects.filter(pk=held.pk).update(list_name=name)
        audit(by=by, verb="say_list", subject=f"import:{each.pk}", at=at, list=name)


def _held(each: Import) -> Import:
    """Return an import that nobody else starts meanwhile."""
    held = Import.objects.select_for_update().filter(pk=each.pk).first()
    if held is None:
        raise Refused(_("this file was thrown away"))
    if held.state != ImportState.READY:
        raise Refused(_("this import was started already"))
    return held


@transaction.atomic
def map_columns(*, each: Import, columns: Sequence[str | None], kinds: Mapping[str, str] | None = None, by: str, at: datetime) -> None:
    """Say which field each column is, None leaves it out; and, by the places of columns, what a new field of theirs holds.

    Raises
    ------
    Refused
        A name is none, a field is there twice, or the import was started already.
    """
    held = _held(each)
    named = [column for column in columns if column is not None]
    for column in named:
        if fault := _column_fault(held.holds, column):
            raise Refused(fault)
        if named.count(column) > 1:
            raise Refused(_("two columns are {column}; choose one of them").format(column=column))
    if len(columns) != len(held.heading):
        raise Refused(_("the file has another number of columns"))
    held.columns = list(columns)
    for place, kind in (kinds or {}).items():
        if kind not in KINDS or (kind == "choice" and not held.kinds.get(place, {}).get("values")):
            raise Refused(_("a column cannot become a field of the kind {kind}; choose another").format(kind=kind))
        if place in held.kinds and held.kind_of(int(place)) != kind:
            held.kinds[place] |= {"kind": kind}
    held.save(update_fields=["columns", "kinds"])
    audit(by=by, verb="map_columns", subject=f"import:{each.pk}", at=at)


def _column_fault(what: str, column: str) -> str | None:
    """Return why a column of rows that are ``what`` cannot be a field; None where it can."""
    if what in FACTS and column not in FACTS[what].values():
        return _("such a file has no {strange}; leave the column out").format(strange=column)
    if what in SUBJECT_OF:
        known, taken = {*OWN[what], *fields_of(SUBJECT_OF[what])}, (TAKEN - {OWNER} if what == Holds.LEADS else frozenset())
    else:
        known, taken = _OWN | _OF_PEOPLE | {*fields_of("account"), *fields_of("contact")}, frozenset()
    fault = name_fault("the field", column, "lead_score") if column not in known else None
    return fault or (f"{column} means something else here; give the column another name" if column in taken else None)


@transaction.atomic
def discard_import(*, each: Import, by: str, at: datetime) -> None:
    """Throw away a file that was uploaded and never brought in, with all that is stored of it.

    Raises
    ------
    Refused
        The import was started already: what it brought is there, and is taken back instead.
    """
    held = _held(each)
    audit(by=by, verb="discard_import", subject=f"import:{held.pk}", at=at, file=held.file_name, rows=held.rows)
    held.delete()


@transaction.atomic
def start_import(*, each: Import, by: str, at: datetime) -> None:
    """Have the workers take a file's rows, and define the fields that its columns become.

    Raises
    ------
    Refused
        No column says who a person is, or the import was started already.
    """
    held = _held(each)
    if missing := _missing(held, {column for column in held.columns if column}):
        raise Refused(missing)
    _define_new(held, by, at)
    Import.objects.filter(pk=held.pk).update(state=ImportState.RUNNING, started_at=at)
    audit(by=by, verb="start_import", subject=f"import:{each.pk}", at=at)


def _define_new(held: Import, by: str, at: datetime) -> None:
    """Define the fields that columns become."""
    subject = SUBJECT_OF.get(held.holds)
    if subject is None:
        return
    for field in held.new_fields({*fields_of(subject), *OWN[held.holds]}).values():
        define_field(field=NewField(subject, field.name, field.label, field.kind, field.choices), by=by, at=at)


def _missing(held: Import, columns: set[str]) -> str:
    """Return what no column says that rows of such a file must say; empty: they say it all."""
    if held.holds == Holds.COMPANIES:
        return "" if {"name", "domain"} & columns else "no column says which company it is; say which one holds its name, or its domain"
    if not {"email", EXTERNAL_ID} & columns:
        return "no column says who a person is; say which one holds the mail address, or the id of the other system"
    if held.holds == Holds.ACTIVITIES and not {ACTIVITY_TYPE, OCCURRED_AT} <= columns:
        return "no column says what was done, or none says when; say which ones do"
    if held.holds == Holds.MEMBERS and LIST not in columns and not held.list_name:
        return "no column says the list; say which one does, or name one list for all"
    if held.holds == Holds.OUTCOMES and not (OUTCOME in columns and {OCCURRED_AT, WON_AT, LOST_AT} & columns):
        return "no column says what became of them, or none says when; say which ones do"
    return ""
