"""What the files of a call leave open for its models: said, so that nobody takes what was not looked at for what is not so."""

from collections.abc import Sequence
from typing import Any

from vaglio.paths import Paths
from vaglio.terms import DAY_SECONDS, MICROSECONDS


def unlisted(documents: Sequence[Any], paths: Paths) -> list[str]:
    """Return what is to be said of lists that models ask about, and no file tells."""
    lists = sorted({name for each in documents for name in each.lists()})
    if not lists or paths.lists is not None:
        return []
    return [f"nothing is known of who is on the lists {', '.join(lists)}; --lists gives them"]


def left_open(documents: Sequence[Any], paths: Paths, as_of: int, now: int) -> list[str]:
    """Return what is to be said of facts that models read, and no file tells; of instants [microseconds UTC]."""
    found = unlisted(documents, paths)
    if any(each.inputs.activities for each in documents) and paths.activities is None:
        found.append("nothing is known of what leads did; --activities gives it")
    fields = any(each.inputs.fields or each.inputs.account_fields for each in documents)
    if fields and paths.field_changes is None and as_of < now - DAY_SECONDS * MICROSECONDS:
        found.append("fields are read as they are now, not as they were then; --field-changes gives their history")
    return found
