"""A starter model proposed from the columns of files: a commented text to edit, not a verdict."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from vaglio.naming import FIRMS, SELLERS, knows
from vaglio.quantities import short_name

TITLE_WORDS = ("title", "role", "position", "seniority", "funzione", "functie")
SIZE_WORDS = ("employee", "company_size", "headcount", "staff", "dipendenti", "angajati")
SECTOR_WORDS = ("industry", "sector", "vertical", "settore", "industrie")
PERSONAL = ("name", "email", "mail", "phone", "gender", "sex", "age", "nationality", "religion", "birth", "url", "address", "note", "ip")

# What a kind of activity is worth to begin with, by a word in its name: points, and how it ends.
ACTIVITY_WORTH: tuple[tuple[tuple[str, ...], str], ...] = (
    (("unsub", "optout", "bounce", "complain"), "points: -20, once_per: ever"),
    (("demo", "trial", "quote", "pricing", "contact"), "points: 30, half_life: 30d, within: 180d, at_most: 60"),
    (("form", "signup", "register"), "points: 20, half_life: 30d, within: 180d, at_most: 40"),
    (("webinar", "event", "meeting", "call"), "points: 15, half_life: 30d, within: 180d, at_most: 45"),
    (("download", "content", "whitepaper", "case"), "points: 8, half_life: 21d, within: 120d, at_most: 30"),
    (("click", "reply"), "points: 3, half_life: 14d, within: 90d, once_per: day, at_most: 20"),
    (("open",), "points: 1, half_life: 14d, within: 60d, once_per: day, at_most: 5"),
)
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*")  # a date as some program writes it: no value that leads share
USUAL_WORTH = "points: 2, half_life: 14d, within: 90d, once_per: day, at_most: 25"


@dataclass(frozen=True)
class Seen:
    """A column as it was found: its name in a document, its type, and its commonest values."""

    name: str
    kind: str
    common: tuple[str, ...]


def starter(name: str, columns: Sequence[Seen], activities: Mapping[str, int] | None, review_by: date) -> str:
    """Return a starter model as YAML text.

    ``activities`` is how often each type occurs, None where no file of them was given; ``review_by`` when the model is looked at again.
    """
    usable = [column for column in columns if not any(word in column.name.split("_") for word in PERSONAL)]
    rules = _profile_rules(usable)
    used = {column.name for column, _rule in rules}
    lines = [
        "# A starter model from your columns. Read it with sales, change what is wrong, and run: vaglio check <this file>",
        "format: 1",
        f"name: {name}",
        "title: Starter model",
        "subject: lead",
        "inputs:",
        "  # What the model reads. Names, mail addresses and protected traits such as age or gender are left out on purpose.",
        "  fields:",
        *[f"    {_key(column.name)}: {column.kind}" for column, _rule in rules],
        *[_unused(column) for column in usable if column.name not in used],
        *_activity_inputs(activities),
        "profile:  # who they are: explicit facts",
        "  rules:",
        "    # The weights of the profile sum to 100. A band awards a share of its rule's weight.",
        *[line for _column, rule in rules for line in rule],
        "  letters: {A: 75, B: 50, C: 25}",
        "engagement:  # what they do: behaviour",
        *_engagement_rules(activities),
        "  digits: {1: 75, 2: 50, 3: 25}",
        *_ratings(is_active=bool(activities)),
        f"  review_by: {review_by.isoformat()}",
        "",
    ]
    text = "\n".join(lines)
    if rules:
        return text
    weights = "    # The weights of the profile sum to 100. A band awards a share of its rule's weight.\n"
    return text.replace("  fields:\n", "  fields: {}\n", 1).replace(f"  rules:\n{weights}", "  rules: []  # no column to score\n", 1)


def _unused(column: Seen) -> str:
    """Return an input that no rule reads yet, to be taken in."""
    return f"    # {column.name}: {column.kind}{'  # may know the outcome: ask vaglio leaks' if knows(column.name) else ''}"


def _ratings(*, is_active: bool) -> list[str]:
    """Return where cells lead; where nothing is known of what leads do, all of them are in the last column."""
    sales, answers = "[A1, A2, B1]", "{A1: 4h, A2: 1d, B1: 1d}"
    nurture, none = "{hot_start: [A3, B2, C1], long_term: [A4, B3, B4, C2, C3, C4, D1, D2]}", "[D3, D4]"
    temperature = "{hot: [A1, A2, B1], warm: [A3, B2, C1], cold: rest}"
    if not is_active:
        sales, answers, temperature = "[A1, A2, A3, A4]", "{A4: 1d}", "{hot: [A4], warm: [B4], cold: rest}"
        nurture, none = "{long_term: [B1, B2, B3, B4, C1, C2, C3, C4]}", "[D1, D2, D3, D4]"
    return [
        f"temperature: {temperature}",
        "ratings:  # where each cell of the matrix leads",
        f"  sales: {sales}",
        f"  nurture: {nurture}",
        f"  none: {none}",
        "promises:  # what makes it a contract; agree on it with sales",
        f"  first_response: {answers}",
    ]


def _profile_rules(columns: Sequence[Seen]) -> list[tuple[Seen, list[str]]]:
    chosen: list[tuple[Seen, str]] = []
    for words, make in ((TITLE_WORDS, "title"), (SIZE_WORDS, "size"), (SECTOR_WORDS, "sector")):
        found = next((column for column in columns if any(word in column.name for word in words)), None)
        if found is not None and (make == "size") == (found.kind != "string") and (make != "sector" or found.common):
            chosen.append((found, make))
    names = {column.name for column, _make in chosen}
    others = [column for column in columns if column.name not in names and _is_list(column)]
    chosen += [(column, "values") for column in others[: max(0, 3 - len(chosen))]]
    weights = {1: [100], 2: [60, 40], 3: [40, 30, 30]}.get(len(chosen), [])
    return [(column, _rule(column, make, weight)) for (column, make), weight in zip(chosen, weights, strict=False)]


def _is_list(column: Seen) -> bool:
    """Return whether the values of a column are a list to choose the best from: no dates, no names, nothing that knows the outcome."""
    if column.kind != "string" or not column.common or knows(column.name):
        return False
    if column.name in FIRMS or not SELLERS.isdisjoint(column.name.split("_")):
        return False
    return not all(_DAY.fullmatch(value) for value in column.common)


def _rule(column: Seen, make: str, weight: int) -> list[str]:
    head = f"    - id: {column.name}_fit\n      kind: fields\n      field: {_key(column.name)}\n      weight: {weight}\n      bands:"
    if make == "title":
        bands = ["{any_word: [chief, ceo, cto, cfo, cmo, vp, founder, owner], award: 100%}",
                 "{any_word: [director, head, direttore, direttrice], award: 70%}", "{any_word: [manager, lead], award: 40%}",
                 "{any_word: [student, intern], points: -20}"]  # fmt: skip
    elif make == "size":
        bands = ["{from: 50, below: 1000, award: 100%}", "{from: 1000, award: 60%}", "{from: 10, below: 50, award: 30%}"]
    else:
        best, rest = column.common[:2], column.common[2:5]
        bands = [f"{{in: {_list(best)}, award: 100%}}  # the commonest values; put your best customers' here"]
        bands += [f"{{in: {_list(rest)}, award: 50%}}"] if rest else []
    return [*head.split("\n"), *(f"        - {band}" for band in bands)]


def _key(name: str) -> str:
    """Return a name as a document spells it: in quotes where YAML has another meaning for the word."""
    return json.dumps(name) if name.lower() in ("null", "true", "false") else name


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(json.dumps(value, ensure_ascii=False) for value in values) + "]"


def _activity_inputs(activities: Mapping[str, int] | None) -> list[str]:
    if not activities:
        return ["  activities: {}"]
    return [
        "  activities:  # add a property as {path: string} to use it in a rule's where:",
        *(f"    {_key(name)}: {{}}" for name in activities),
    ]


def _engagement_rules(activities: Mapping[str, int] | None) -> list[str]:
    if activities is not None and not activities:
        return ["  rules: []  # the file of activities has no type that a model can name, as page_viewed"]
    if activities is None:
        return ["  rules: []  # give `vaglio init` a file of activities to fill this"]
    made = ["  rules:"]
    for name, count in activities.items():
        worth = next((worth for words, worth in ACTIVITY_WORTH if any(word in name.lower() for word in words)), USUAL_WORTH)
        made.append(
            f"    - {{id: {short_name(f'{name}_rule')}, kind: activity, activity: {_key(name)}, {worth}}}  # {count:,} in your file"
        )
    made.append("    - {id: silent, kind: inactivity, after: 60d, points: -10, every: 30d, at_most: 40}")
    return made
