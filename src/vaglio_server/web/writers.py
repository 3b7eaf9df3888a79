"""By whom something was written, as pages say it: of a file that was brought in by its name, with where it is looked at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from vaglio_server.imports.models import Import

_FILE = re.compile(r"import:(\d{1,18})( undo)?", re.ASCII)


@dataclass(frozen=True)
class Writer:
    """Who wrote something; ``address``: of a file, where it is looked at by those who may."""

    name: str
    address: str | None = None


def writers(names: Iterable[str]) -> dict[str, Writer]:
    """Return how writers are called, with one question for all files among them; who is no file is called as before."""
    every = set(names)
    files = {name: found for name in every if (found := _FILE.fullmatch(name))}
    rows = Import.objects.only("file_name").in_bulk({int(found[1]) for found in files.values()})
    told = {name: Writer(name) for name in every}
    for name, found in files.items():
        if (each := rows.get(int(found[1]))) is not None:
            title = _("{file}, taken back").format(file=each.file_name) if found[2] else each.file_name
            told[name] = Writer(title, reverse("import-detail", args=(each.pk,)))
    return told
