"""``vaglio init``: a starter model from the columns of files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from vaglio.cli.options import Columns

SHOWN = 8  # activity types that are named
REVIEWED = 180  # days until a model is looked at again, unless somebody says otherwise


def init(
    leads: Annotated[Path, typer.Argument(help="file of leads")],
    activities: Annotated[Path | None, typer.Argument(help="file of activities")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="file to write (default: print it)")] = None,
    columns: Columns = None,
) -> None:
    """Read the columns of your files and propose a commented starter model.

    Example: vaglio init leads.csv activities.csv --out model.yaml
    """
    from datetime import UTC, datetime, timedelta

    from vaglio.aside import need_place
    from vaglio.cli.outputs import write_model
    from vaglio.cli.show import note
    from vaglio.document import loads
    from vaglio.errors import DataError
    from vaglio.starter import starter

    if out is not None and out.exists():
        raise DataError("file_exists", f"{out} exists already", "choose another name, or move it away first")
    need_place(out)
    seen, types, alike = _looked_at(leads, activities, columns or ())
    review_by = (datetime.now(UTC) + timedelta(days=REVIEWED)).date()
    text = starter("starter", seen, types.named if types else None, review_by)
    loads(text, source="the starter model")
    for each in [*alike, *(_left_out(types, activities) if types else ())]:
        note(f"note: {each}")
    if out is None:
        print(text, end="")
    else:
        write_model(out, text)
        print(f"wrote {out}; next: vaglio check {out}, and where it is known what became of leads: vaglio leaks and vaglio suggest")


def _looked_at(leads: Path, activities: Path | None, columns: Sequence[str]) -> tuple[list[Any], Any, list[str]]:
    """Return the columns of the leads, the types of activities where there is a file of them, and what is said of columns left out."""
    from vaglio.errors import DataError
    from vaglio.files import ColumnMap, look
    from vaglio.starter import Seen

    said = ColumnMap.parse(list(columns))
    names = list(look.need_rows("leads", leads, said))
    alike = _alike(leads, [name for name in names if name not in {each.column for each in said.mappings}])
    seen = [Seen(*column) for column in look.columns(leads, said)]
    if {"activity_type", "occurred_at"} <= {each.name for each in seen}:
        raise DataError("leads_are_activities", f"{leads} is a file of activities", "give the file of leads first, then this one")
    if activities is not None:
        names += look.need_rows("activities", activities, said)
    said.check_used(names)
    return seen, look.activity_types(activities, said) if activities is not None else None, alike


def _alike(path: Path, names: Sequence[str]) -> list[str]:
    """Return what is to be said of columns whose names are one name in a document, as ``C`` and ``C++``: the first alone is taken.

    Of ids and other columns that are no field, none is.
    """
    from vaglio.files.look import is_field
    from vaglio.text import snake_case

    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(snake_case(name), []).append(name)
    return [
        f"columns {', '.join(map(repr, those))} of {path} are all {plain!r} in a model: the first is taken; "
        f'--columns "leads.{plain}_2={those[1]}" gives another a name of its own, here and to score'
        for plain, those in found.items()
        if is_field(plain) and len(those) > 1
    ]


def _left_out(types: Any, path: Path | None) -> list[str]:
    """Return what is to be said of activity types that the model does not have."""
    from vaglio.text import event_name

    found = []
    if types.unnamed:
        shown = ", ".join(f"{name!r} ({times:,})" for name, times in list(types.unnamed.items())[:SHOWN])
        more = f" and {len(types.unnamed) - SHOWN:,} more" if len(types.unnamed) > SHOWN else ""
        first = next(iter(types.unnamed))
        are = "1 activity type" if len(types.unnamed) == 1 else f"{len(types.unnamed):,} activity types"
        total = sum(types.unnamed.values())
        rows = "1 row" if total == 1 else f"{total:,} rows"
        found.append(
            f"{are} of {path} left out, {rows}, for no model can name them: {shown}{more}; "
            f'--columns "activities.activity_type=<its column>:name" reads them as {event_name(first) or "page_viewed"}, here and to score'
        )
    if types.rare:
        found.append(f"of {len(types.named) + types.rare:,} activity types of {path} the {len(types.named)} commonest are taken")
    return found
