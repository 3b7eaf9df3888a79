"""``vaglio init``: a starter model from the columns of files."""

from pathlib import Path
from typing import Annotated

import typer

REVIEWED = 180  # days until a model is looked at again, unless somebody says otherwise


def init(
    leads: Annotated[Path, typer.Argument(help="file of leads")],
    activities: Annotated[Path | None, typer.Argument(help="file of activities")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="file to write (default: print it)")] = None,
) -> None:
    """Read the columns of your files and propose a commented starter model.

    Example: vaglio init leads.csv activities.csv --out model.yaml
    """
    from datetime import UTC, datetime, timedelta

    from vaglio.aside import need_place
    from vaglio.cli.outputs import write_model
    from vaglio.document import loads
    from vaglio.errors import DataError
    from vaglio.files.look import activity_types, columns
    from vaglio.starter import Seen, starter

    if out is not None and out.exists():
        raise DataError("file_exists", f"{out} exists already", "choose another name, or move it away first")
    need_place(out)
    seen = [Seen(*column) for column in columns(leads)]
    if {"activity_type", "occurred_at"} <= {each.name for each in seen}:
        raise DataError("leads_are_activities", f"{leads} is a file of activities", "give the file of leads first, then this one")
    review_by = (datetime.now(UTC) + timedelta(days=REVIEWED)).date()
    text = starter("starter", seen, activity_types(activities) if activities else {}, review_by)
    loads(text, source="the starter model")
    if out is None:
        print(text, end="")
    else:
        write_model(out, text)
        print(f"wrote {out}; next: vaglio check {out}, and where it is known what became of leads: vaglio leaks and vaglio suggest")
