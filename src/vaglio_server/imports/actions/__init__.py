"""Bringing files in: kept whole at first, mapped, then taken row by row, each row once; and taking them back."""

from vaglio_server.imports.actions.erasing import forget_rows, hold_files
from vaglio_server.imports.actions.files import (
    discard_import,
    keep_file,
    map_columns,
    say_countries,
    say_holds,
    say_known,
    say_list,
    say_orders,
    say_owners,
    start_import,
)
from vaglio_server.imports.actions.forgetting import discard_old_files, forget_old_rows
from vaglio_server.imports.actions.taking import Importer
from vaglio_server.imports.actions.undoing import Undoer, undo_import

__all__ = [
    "Importer",
    "Undoer",
    "discard_import",
    "discard_old_files",
    "forget_old_rows",
    "forget_rows",
    "hold_files",
    "keep_file",
    "map_columns",
    "say_countries",
    "say_holds",
    "say_known",
    "say_list",
    "say_orders",
    "say_owners",
    "start_import",
    "undo_import",
]
