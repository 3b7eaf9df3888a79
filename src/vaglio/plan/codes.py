"""Codes: a whole number in place of a text, which engines work out and compare faster."""

from collections.abc import Iterable

import ibis
import pyarrow as pa

from vaglio.plan.session import Session

UNTESTED = -1  # where a type has no property in a column of the key: no code is negative


def codes(session: Session, texts: Iterable[str]) -> dict[str | None, int] | None:
    """Return the code of each text, of the empty text and of null; None where the engine has none or two texts would share one."""
    if session.coded(ibis.literal("", "string")) is None:
        return None
    wanted = list(dict.fromkeys([None, "", *texts]))
    table = session.upload("texts", pa.table({"text": pa.array(wanted, pa.string())}))
    rows = session.fetch(table.select("text", code=session.coded(table.text)))
    found = dict(zip(rows.column("text").to_pylist(), rows.column("code").to_pylist(), strict=True))
    return found if len(set(found.values())) == len(wanted) else None
