"""Reading files that were brought in: what they would do, did, and what taking them back would do."""

from vaglio_server.imports.queries.files import (
    Column,
    Preview,
    choices,
    imports,
    known_among,
    people_of,
    preview,
    refused_rows,
    running_imports,
    sheet_of,
    started_imports,
    user_id,
)
from vaglio_server.imports.queries.undoing import Undo, may_undo, undo_preview

__all__ = [
    "Column",
    "Preview",
    "Undo",
    "choices",
    "imports",
    "known_among",
    "may_undo",
    "people_of",
    "preview",
    "refused_rows",
    "running_imports",
    "sheet_of",
    "started_imports",
    "undo_preview",
    "user_id",
]
