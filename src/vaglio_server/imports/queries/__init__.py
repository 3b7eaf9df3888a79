"""Reading files that were brought in: what they would do, did, and what taking them back would do."""

from vaglio_server.imports.queries.contacts import brought_contacts
from vaglio_server.imports.queries.files import (
    Column,
    Preview,
    choices,
    imports,
    preview,
    refused_rows,
    rows_again,
    running_imports,
    sheet_of,
    started_imports,
)
from vaglio_server.imports.queries.rows import SOURCE, read_rows
from vaglio_server.imports.queries.undoing import Undo, files_naming, may_undo, named_in, undo_preview

__all__ = [
    "SOURCE",
    "Column",
    "Preview",
    "Undo",
    "brought_contacts",
    "choices",
    "files_naming",
    "imports",
    "may_undo",
    "named_in",
    "preview",
    "read_rows",
    "refused_rows",
    "rows_again",
    "running_imports",
    "sheet_of",
    "started_imports",
    "undo_preview",
]
