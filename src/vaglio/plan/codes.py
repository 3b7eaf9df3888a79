"""Codes: a whole number in place of a text, which engines work out and compare faster."""

from collections.abc import Callable, Iterable

import pyarrow as pa

from vaglio.plan.steps import Found, OtherWay, Steps

_TEXT = pa.schema({"text": pa.string()})
_CODES = "codes"


def ask_codes(steps: Steps, texts: Callable[[Found], Iterable[str]]) -> None:
    """Ask for the code of each text, of the empty text and of null."""

    def rows(found: Found) -> pa.Table:
        return pa.table([list(dict.fromkeys([None, "", *texts(found)]))], schema=_TEXT)

    table = steps.mapping("texts", _TEXT, rows)
    steps.ask(_CODES, table.select("text", code=steps.coded(table.text)))


def told_codes(found: Found) -> dict[str | None, int]:
    """Return the answer to :func:`ask_codes`.

    Raises
    ------
    OtherWay
        Two texts have one code.
    """
    rows = found.answers[_CODES]
    codes = dict(zip(rows.column("text").to_pylist(), rows.column("code").to_pylist(), strict=True))
    if len(set(codes.values())) < len(codes):
        raise OtherWay
    return codes
