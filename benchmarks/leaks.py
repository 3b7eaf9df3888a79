"""What ``vaglio leaks`` says of real data whose traps are known: a table of findings, with precision and recall.

``python -m benchmarks.leaks`` prints it as Markdown; it stands in docs/how-to/learn.md. Traps are what the README of the data names; those
*asked* are fields it calls softer (filled in a call, so being filled says something), which are neither hits nor false alarms.
"""

import csv
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.learning_data import ASKED, TRAPS
from vaglio.cli.examples import Wanted, examples
from vaglio.learning.leakage import looked_through
from vaglio.paths import Paths
from vaglio.text import snake_case

Row = dict[str, str]


@dataclass(frozen=True)
class Known:
    """A file of leads, how its outcome is told, and what is known of its fields: by the beginning of a column's name."""

    name: str
    rows: Callable[[Path], Iterable[Row]]
    traps: tuple[str, ...]
    lead_id: str
    outcome: str | None = None
    positive: str | None = None
    asked: tuple[str, ...] = ()


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _shoppers(data: Path) -> Iterable[Row]:
    for number, row in enumerate(_read(data / "online_shoppers/online_shoppers_intention.csv")):
        yield {"lead": f"s{number}"} | row


def _maven(data: Path) -> Iterable[Row]:
    return [row for row in _read(data / "maven_crm/sales_pipeline.csv") if row["deal_stage"] in ("Won", "Lost")]


def _olist(data: Path) -> Iterable[Row]:
    won = {row["mql_id"]: row for row in _read(data / "olist/olist_closed_deals_dataset.csv")}
    nothing = dict.fromkeys(next(iter(won.values())), "")
    for row in _read(data / "olist/olist_marketing_qualified_leads_dataset.csv"):
        yield won.get(row["mql_id"], nothing) | row | {"became_seller": str(int(row["mql_id"] in won))}


DEALS = ("won_date", "business_segment", "lead_type", "lead_behaviour_profile", "has_company", "has_gtin", "average_stock", "business_type",
         "declared_product_catalog_size", "declared_monthly_revenue")  # fmt: skip
KNOWN = (
    Known("xeducation", lambda data: _read(data / "xeducation/Leads.csv"), TRAPS, "Prospect ID", "Converted", asked=ASKED),
    Known("product_signups", lambda data: _read(data / "product_signups/users.csv"), ("last_session_creation_time",), "object_id"),
    Known("maven_crm", _maven, ("close_value", "close_date"), "opportunity_id", "deal_stage", "Won"),
    Known("online_shoppers", _shoppers, ("PageValues",), "lead", "Revenue"),
    Known("olist, with the deals", _olist, DEALS, "mql_id", "became_seller"),
)


def looked_at(known: Known, data: Path, folder: Path) -> list[tuple[str, str, str, str]]:
    """Return field, what is known of it (trap, asked, or nothing), the verdict and the first evidence."""
    path, rows = folder / "leads.csv", list(known.rows(data))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    if known.outcome is not None:
        wanted = Wanted(Paths(path), (f"lead_id={known.lead_id}",), known.outcome, known.positive)
    else:
        source = data / known.name
        paths = Paths(path, activities=source / "engagement.csv", outcomes=source / "outcomes.csv")
        columns = (f"leads.lead_id={known.lead_id}", "created_at=creation_time:%d-%m-%Y %H:%M", "activities.lead_id=user_id")
        wanted = Wanted(paths, columns, at_age="7d", horizon="53d")
    with examples(wanted) as found:
        seen = looked_through(found.engine, found.declared, found.facts, found.at, found.labels.array, found.history)
    traps, asked = (tuple(snake_case(each) for each in names) for names in (known.traps, known.asked))

    def what(field: str) -> str:
        return "trap" if field.startswith(traps) else "asked" if asked and field.startswith(asked) else ""

    return [(each.field, what(each.field), each.verdict, each.evidence[0] if each.evidence else "") for each in seen]


def main() -> None:
    """Print the table and the two shares."""
    data = Path(os.environ.get("VAGLIO_DATA", "../shared/data")).resolve()
    hits = traps = alarms = fields = dropped = 0
    print("| data | field | README | verdict | why |\n|---|---|---|---|---|")
    for known in KNOWN:
        with tempfile.TemporaryDirectory() as folder:
            found = looked_at(known, data, Path(folder))
        fields += len(found)
        for field, what, verdict, why in found:
            traps += what == "trap"
            hits += what == "trap" and verdict != "fine"
            dropped += what == "trap" and verdict == "drop"
            alarms += not what and verdict != "fine"
            if what or verdict != "fine":
                print(f"| {known.name} | `{field}` | {what} | {verdict} | {why} |", flush=True)
    print(f"\n{fields} fields, {traps} traps: {hits} found ({dropped} to drop), {alarms} false alarms; ", end="")
    print(f"recall {hits / traps:.0%}, precision {hits / max(hits + alarms, 1):.0%}")


if __name__ == "__main__":
    main()
