"""The tasks of learning: real data as its README says, each as a file of leads with a column ``label``."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

# What the README of the data calls traps, and what was asked in a call, by the beginning of the column's name.
TRAPS = ("Tags", "Lead Quality", "Lead Profile", "Asymmetrique ", "Last Notable Activity", "Last Activity")
ASKED = ("What is your current", "What matters most", "How did you hear", "Specialization", "City", "Country")
Row = dict[str, str]


@dataclass(frozen=True)
class Task:
    """A file of leads to be written, what is done about activities, and the best AUC that others reached by the same protocol."""

    name: str
    rows: Callable[[Path], Iterable[Row]]
    logistic: float
    boosted: float
    activities: str | None = None
    at_age: str | None = None
    columns: tuple[str, ...] = ()


def write_leads(task: Task, data: Path, path: Path) -> None:
    """Write the leads of a task."""
    rows = list(task.rows(data))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _xeducation(without: tuple[str, ...]) -> Callable[[Path], Iterable[Row]]:
    def rows(data: Path) -> Iterable[Row]:
        for row in _read(data / "xeducation/Leads.csv"):
            kept = {
                name: value for name, value in row.items() if not name.startswith((*without, "Prospect ID", "Lead Number", "Converted"))
            }
            yield {"lead_id": row["Prospect ID"], "label": row["Converted"]} | kept

    return rows


def _signups(data: Path) -> Iterable[Row]:
    came = {row["lead_id"]: datetime.fromisoformat(row["occurred_at"]) for row in _read(data / "product_signups/outcomes.csv")}
    users = _read(data / "product_signups/users.csv")
    created = {row["object_id"]: datetime.strptime(row["creation_time"], "%d-%m-%Y %H:%M") for row in users}
    end = max(created.values()) - timedelta(days=60)
    for row in users:
        who, born = row["object_id"], created[row["object_id"]]
        if born <= end and not (who in came and came[who] <= born + timedelta(days=7)):
            yield {
                "lead_id": who, "created_at": born.isoformat(), "label": str(int(who in came)), "source": row["creation_source"],
                "mailing_list": row["opted_in_to_mailing_list"], "drip": row["enabled_for_marketing_drip"], "domain": row["email_domain"],
                "is_invited": str(int(bool(row["invited_by_user_id"]))),
            }  # fmt: skip


def _maven(data: Path) -> Iterable[Row]:
    folder = data / "maven_crm"
    accounts = {row["account"]: row for row in _read(folder / "accounts.csv")}
    products = {row["product"]: row for row in _read(folder / "products.csv")}
    teams = {row["sales_agent"]: row for row in _read(folder / "sales_teams.csv")}
    for row in _read(folder / "sales_pipeline.csv"):
        if row["deal_stage"] in ("Won", "Lost"):
            engaged = datetime.strptime(row["engage_date"], "%d-%m-%y")
            account, product, team = accounts.get(row["account"], {}), products.get(row["product"], {}), teams.get(row["sales_agent"], {})
            yield {
                "lead_id": row["opportunity_id"], "label": str(int(row["deal_stage"] == "Won")), "seller": row["sales_agent"],
                "manager": team.get("manager", ""), "office": team.get("regional_office", ""), "product": row["product"],
                "series": product.get("series", ""), "price": product.get("sales_price", ""), "company": row["account"],
                **{key: account.get(key, "") for key in ("sector", "year_established", "revenue", "employees", "office_location")},
                "month": f"m{engaged.month}", "weekday": f"d{engaged.weekday()}",
            }  # fmt: skip


def _olist(data: Path) -> Iterable[Row]:
    won = {row["mql_id"] for row in _read(data / "olist/olist_closed_deals_dataset.csv")}
    for row in _read(data / "olist/olist_marketing_qualified_leads_dataset.csv"):
        day = datetime.fromisoformat(row["first_contact_date"]).weekday()
        yield {
            "lead_id": row["mql_id"], "label": str(int(row["mql_id"] in won)), "origin": row["origin"],
            "landing_page": row["landing_page_id"], "weekday": f"d{day}",
        }  # fmt: skip


def _shoppers(data: Path) -> Iterable[Row]:
    for number, row in enumerate(_read(data / "online_shoppers/online_shoppers_intention.csv")):
        kept = {name: value for name, value in row.items() if name not in ("Revenue", "PageValues")}
        codes = {name: f"v{kept[name]}" for name in ("OperatingSystems", "Browser", "Region", "TrafficType")}
        yield {"lead_id": f"s{number}", "label": row["Revenue"]} | kept | codes


# Best of others: the README's table of the data, the same folds; logistic is one-hot, boosted the best of CatBoost, LightGBM, XGBoost, EBM.
TASKS = (
    Task("xeducation strict", _xeducation(TRAPS + ASKED), 0.8149, 0.8281),
    Task("xeducation clean", _xeducation(TRAPS), 0.8646, 0.8796),
    Task("product_signups day 7", _signups, 0.7675, 0.7716, "product_signups/engagement.csv", "7d", ("activities.lead_id=user_id",)),
    Task("maven_crm clean", _maven, 0.4929, 0.5405),
    Task("olist", _olist, 0.6755, 0.6780),
    Task("online_shoppers", _shoppers, 0.7500, 0.7858),
)
