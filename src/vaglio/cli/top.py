"""The first leads of a result with their reasons, for a terminal."""

from typing import Any

from vaglio.counted import Name, reasons_of
from vaglio.document import ModelDocument
from vaglio.scoring import Scored
from vaglio.terms import format_points

_NAMES = ("name", "first_name", "last_name", "company", "account_name")


def names_table(engine: Any, loaded: Any) -> Any:
    """Return ``lead_id, name, detail`` from the lead file's own columns, or None where it has no names."""
    import ibis

    if not loaded.raw_leads:
        return None
    raw = engine.table(loaded.raw_leads)
    lower = {column.lower().replace(" ", "_"): column for column in raw.columns}
    found = [lower[name] for name in _NAMES if name in lower]
    detail = [lower[name] for name in ("job_title", "title", "company", "company_name") if name in lower]
    if not found:
        return None
    return raw.select(lead_id="lead_id", name=_spaced(ibis, raw, found, " "), detail=_spaced(ibis, raw, detail, " · "))


def _spaced(ibis: Any, raw: Any, columns: list[str], between: str) -> Any:
    if not columns:
        return ibis.literal("", "string")
    text = raw[columns[0]].cast("string").fill_null("")
    for column in columns[1:]:
        following = raw[column].cast("string").fill_null("")
        text = text + ibis.ifelse((text == "") | (following == ""), "", between) + following
    return text


def print_top(engine: Any, document: ModelDocument, scored: Scored, loaded: Any, count: int) -> None:
    """Print the first leads by rank, each with what gave the most points, after caps."""
    from vaglio.cli.show import table

    scores = scored.scores.filter(scored.scores.model == document.name)
    rows = engine.arrow(scores.order_by("rank").limit(count)).to_pylist()
    ids = [row["lead_id"] for row in rows]
    lines: Any = scored.contributions
    found = engine.arrow(lines.filter(lines.lead_id.isin(ids), lines.model == document.name)).to_pylist()
    lines_of: dict[str, dict[Name, int]] = {lead: {} for lead in ids}
    for line in found:
        lines_of[line["lead_id"]][line["axis"], line["rule_id"], line["part"]] = line["millipoints"]
    names = _names(engine, loaded, ids)
    shown = []
    for row in rows:
        most = list(reasons_of(document, lines_of[row["lead_id"]]).items())[:5]
        said = ", ".join(f"{reason_name(name)} {_short(points)}" for name, points in most)
        cells = [row["lead_id"], names.get(row["lead_id"], ""), row["rating"] or "-", _short(row["profile_millipoints"]).lstrip("+"),
                 _short(row["engagement_millipoints"]).lstrip("+")]  # fmt: skip
        worth = [f"{row['potential']:,.0f}" if row["potential"] is not None else "-"] if document.potential else []
        shown.append([str(row["rank"]), *cells, *worth, said])
    columns = [("#", "right"), ("lead", "left"), ("who", "left"), ("rating", "left"), ("profile", "right"), ("engagement", "right")]
    if document.potential:
        columns.append(("potential", "right"))  # leads of a rating stand in its order
    columns.append(("why", "left"))
    table(f"Top {len(shown)} of {document.title or document.name}", columns, shown)


def reason_name(name: Name) -> str:
    """Return a short name of a reason: its rule or group, or which bound of the axis it is."""
    axis, rule_id, part = name
    return rule_id if part == "rule" else f"{part} of {axis}"


def _short(millipoints: int) -> str:
    text = format_points(millipoints)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _names(engine: Any, loaded: Any, ids: list[str]) -> dict[str, str]:
    table = names_table(engine, loaded)
    if table is None:
        return {}
    rows = engine.arrow(table.filter(table.lead_id.isin(ids))).to_pylist()
    return {row["lead_id"]: " · ".join(part for part in (row["name"], row["detail"]) if part) for row in rows}
