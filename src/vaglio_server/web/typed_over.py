"""What was typed over what stood in a form: each field says so beside it, as ``was.`` and its name."""

from collections.abc import Iterable

from django.http import QueryDict

from vaglio_server.web.words import lines


def typed_over(given: QueryDict, names: Iterable[str]) -> dict[str, str]:
    """Return what differs from what stood in a form; one that does not say what stood there gives all that it has."""
    typed = {name: lines(given.get(name, "")).strip() for name in names if name in given}
    was = {name: lines(given.get(f"was.{name}", "")).strip() for name in typed if f"was.{name}" in given}
    return {name: value for name, value in typed.items() if value != was.get(name)}
