"""Who is called by an id: the one that another system gives somebody in its files or calls, as one copies it out of there."""

from vaglio_server.imports.logic.headings import EXTERNAL_ID
from vaglio_server.imports.models import Import
from vaglio_server.imports.queries.keys import system_in
from vaglio_server.tracking.models import IdentityKind, IdentityLink

LONGEST = 200  # letters; an id of a system is shorter


def called(text: str) -> list[int]:
    """Return the leads that a system calls exactly so, as given or in capitals; ids of files are found without their system, too."""
    typed = text.strip()
    if not typed or len(text) > LONGEST:
        return []
    ids = {typed, typed.upper()}
    written = ids | {f"{system}:{each}" for system in _systems() for each in ids}
    links = IdentityLink.objects.filter(ended_at=None, identity__kind=IdentityKind.USER_ID, identity__value__in=written)
    return sorted({*links.values_list("lead_id", flat=True)})


def _systems() -> set[str]:
    """Return whose ids came in files: there are as many as ways of writing a heading, not as files."""
    files = Import.objects.filter(columns__contains=EXTERNAL_ID).order_by()
    of_each_kind = files.only("system", "columns", "heading").distinct("system", "columns", "heading")
    return {system_in(each) for each in of_each_kind}
