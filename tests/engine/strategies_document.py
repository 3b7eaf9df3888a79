"""Valid model documents drawn from the small universe: every rule kind on both axes, every part."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from tests.engine.strategies_universe import (
    ACCOUNT_FIELDS,
    ACTIVITIES,
    ALL_FIELDS,
    AWARDS,
    CUTS,
    DATES,
    DECIMAL_CUTS,
    DURATIONS,
    FIELDS,
    LIMITS,
    LISTS,
    NO_VALUES,
    PATTERNS,
    POINTS,
    TARGETS,
    WEIGHTS,
    WIDE,
    Row,
    Tape,
)

TEXT_OPERATORS = [
    "equals",
    "any_word",
    "in",
    "not_in",
    "contains",
    "starts_with",
    "ends_with",
    "matches",
    "known",
]
NUMBER_OPERATORS = ["from", "below", "range", "equals", "in", "not_in", "known"]
DATE_OPERATORS = ["older_than", "newer_than", "known", "from", "below", "range"]
THRESHOLDS: list[Any] = [75, 50, 25, 10, 5, 1, Decimal("0.001"), 0, -5]
PROBABILITIES = [Decimal(0), Decimal("0.05"), Decimal("0.25"), Decimal("0.333"), Decimal("0.8"), Decimal(1)]


class Maker(Tape):
    """A tape, and whether dates may be written as dates, which ties a model to the calendar."""

    def __init__(self, data: bytes, absolute_dates: bool) -> None:
        super().__init__(data)
        self.absolute_dates = absolute_dates


# Conditions


def text_operators(tape: Maker) -> Row:
    operator = tape.one(TEXT_OPERATORS)
    if operator == "known":
        return {"known": tape.one([True, False])}
    if operator == "matches":
        return {"matches": tape.one(PATTERNS)}
    if operator == "equals":
        return {"equals": tape.one(TARGETS["equals"])}
    if operator in ("in", "not_in"):
        return {operator: tape.some(TARGETS["equals"], 1, 3)}
    if tape.chance(50):
        return {operator: tape.some(TARGETS[operator], 1, 3)}
    return {operator: tape.one(TARGETS[operator])}


def number_operators(tape: Maker, cuts: Sequence[Any], operators: Sequence[str]) -> Row:
    operator = tape.one(operators)
    if operator == "known":
        return {"known": tape.one([True, False])}
    if operator in ("in", "not_in"):
        return {operator: tape.some(cuts, 1, 3)}
    if operator == "range":
        low, high = sorted(tape.some(cuts, 2, 2))
        return {"from": low, "below": high}
    return {operator: tape.one(cuts)}


def date_operators(tape: Maker) -> Row:
    operator = tape.one(DATE_OPERATORS if tape.absolute_dates else DATE_OPERATORS[:3])
    if operator in ("older_than", "newer_than"):
        return {operator: tape.one(DURATIONS)}
    return number_operators(tape, DATES, [operator])


def operators(tape: Maker, type_: str) -> Row:
    """Operators that fit the type."""
    if type_ == "string":
        return text_operators(tape)
    if type_ == "boolean":
        return {tape.one(["equals", "known"]): tape.one([True, False])}
    if type_ == "date":
        return date_operators(tape)
    return number_operators(tape, CUTS if type_ == "integer" else DECIMAL_CUTS, NUMBER_OPERATORS)


def condition(tape: Maker, field: str | None = None, depth: int = 2) -> Row:
    """A condition; at its leaves stands a field, or none where a rule's field is read."""
    shape = tape.byte() % 8 if depth else 0
    if shape in (5, 6):
        parts = [condition(tape, field, depth - 1) for _ in range(1 + tape.byte() % 2)]
        return {"all" if shape == 5 else "any": parts}
    if shape == 7:
        return {"not": condition(tape, field, depth - 1)}
    if field is not None and tape.byte() % 2 == 0:
        return operators(tape, ALL_FIELDS[field])
    name = tape.one(list(ALL_FIELDS))
    return {"field": name, **operators(tape, ALL_FIELDS[name])}


def where(tape: Maker, properties: dict[str, str], depth: int = 1) -> Row:
    shape = tape.byte() % 8 if depth else 0
    if shape in (5, 6):
        return {"all" if shape == 5 else "any": [where(tape, properties, 0), where(tape, properties, 0)]}
    if shape == 7:
        return {"not": where(tape, properties, 0)}
    asked: Row = {}
    for name in tape.some(list(properties), 1, 2):
        short: dict[str, Sequence[Any]] = {
            "string": TARGETS["equals"],
            "integer": CUTS,
            "number": DECIMAL_CUTS,
            "boolean": [True, False],
        }
        if properties[name] in short and tape.chance(40):
            asked[name] = tape.one(short[properties[name]])
        else:
            asked[name] = operators(tape, properties[name])
    return asked


def common(types: list[str]) -> dict[str, str]:
    """The properties that all the types declare."""
    return {name: t for name, t in ACTIVITIES[types[0]].items() if all(name in ACTIVITIES[x] for x in types)}


def asked_types(asked: Row) -> list[str]:
    return [asked["activity"]] if "activity" in asked else list(asked["activities"])


def matcher(tape: Maker) -> Row:
    """`activity` or `activities`, and sometimes a `where` on properties that all of them declare."""
    one = tape.one([*ACTIVITIES, "page_viewed", "page_viewed", "page_viewed"])
    asked: Row = {"activities": tape.some(list(ACTIVITIES), 1, 4)} if tape.chance(40) else {"activity": one}
    properties = common(asked_types(asked))
    if properties and tape.chance(25):
        asked["where"] = where(tape, properties)
    return asked


def pay(tape: Maker, rule: Row) -> Row:
    """A band's points, or its share of what the rule is worth."""
    if ("points" in rule or "weight" in rule) and not tape.chance(40):
        return {"award": tape.one(AWARDS)}
    return {"points": tape.one(POINTS)}


def maybe(tape: Maker, name: str, options: Sequence[Any], percent: int = 50) -> Row:
    return {name: tape.one(options)} if tape.chance(percent) else {}


def count_bands(tape: Maker, rule: Row) -> list[Row]:
    return [{"at_least": least, **pay(tape, rule)} for least in tape.some([1, 2, 3, 0, 5], 1, 3)]


def fading(tape: Maker) -> Row:
    kind = tape.one([None, "half_life", "fade"])
    return {} if kind is None else {kind: tape.one([*DURATIONS, *WIDE])}


# Rule kinds: each takes the rule so far (its id, kind, and perhaps what it is worth) and gives the rest


def make_fields(tape: Maker, rule: Row) -> Row:
    field = tape.one(list(ALL_FIELDS)) if tape.chance(70) else None
    bands = [] if field is None else [{**operators(tape, ALL_FIELDS[field]), **pay(tape, rule)}]
    for _ in range(tape.byte() % 3 + (field is None)):
        band = condition(tape, field)
        if not (("points" in rule or "weight" in rule) and tape.chance(25)):
            band |= pay(tape, rule)
        bands.append(band)
    more = {**maybe(tape, "role", ["economic_buyer", "champion"], 30)}
    more |= maybe(tape, "answer", ["budget", "authority", "need", "timeline"], 30)
    return {**({} if field is None else {"field": field}), "bands": bands, **more}


def make_list_member(tape: Maker, rule: Row) -> Row:
    return {"list": tape.one(LISTS)}


def make_activity(tape: Maker, rule: Row) -> Row:
    asked = matcher(tape)
    made = {**asked, **fading(tape), **maybe(tape, "within", DURATIONS)}
    properties = list(common(asked_types(asked)))
    if properties and tape.chance(20):
        return {**made, "once_per": {"property": tape.one(properties)}}
    return {**made, **maybe(tape, "once_per", ["day", "hour", "week", "ever"])}


def make_activity_count(tape: Maker, rule: Row) -> Row:
    return {**matcher(tape), **maybe(tape, "within", DURATIONS), "bands": count_bands(tape, rule)}


def make_activity_recency(tape: Maker, rule: Row) -> Row:
    spans = tape.some(["7d", "1d", "30d", "4h", "90s", "60d"], 1, 3)
    return {**matcher(tape), "bands": [{"within": span, **pay(tape, rule)} for span in spans]}


def make_velocity(tape: Maker, rule: Row) -> Row:
    which = tape.one([["half_life"], ["at_most_age"], ["half_life", "at_most_age"]])
    made = {**matcher(tape), "at_least": tape.one([2, 1, 3, 2]), "within": tape.one(WIDE)}
    return {**made, **{name: tape.one(WIDE) for name in which}}


def make_inactivity(tape: Maker, rule: Row) -> Row:
    asked = matcher(tape) if tape.chance(40) else {}
    return {**asked, "after": tape.one(DURATIONS), **maybe(tape, "every", DURATIONS)}


def make_sequence(tape: Maker, rule: Row) -> Row:
    made: Row = {"first": matcher(tape), "then": matcher(tape), "within": tape.one(WIDE)}
    for side in ("first", "then"):
        made |= {side: {"activities": list(ACTIVITIES)}} if tape.chance(50) else {}
    return {**made, **fading(tape), **maybe(tape, "at_most_age", WIDE, 40)}


def make_engaged_colleagues(tape: Maker, rule: Row) -> Row:
    made = {**(matcher(tape) if tape.chance(40) else {}), **maybe(tape, "within", DURATIONS, 70)}
    if ("points" in rule or "weight" in rule) and tape.chance(50):
        return {**made, "at_least": tape.one([1, 2, 3])}
    return {**made, "bands": count_bands(tape, rule)}


def make_active_days(tape: Maker, rule: Row) -> Row:
    return make_activity_count(tape, rule)


def learned_input(tape: Maker) -> tuple[Row, Callable[[], Row]]:
    """An input, and what draws operators that fit it."""
    if tape.chance(45):
        field = tape.one(list(ALL_FIELDS))
        return {"field": field}, lambda: operators(tape, ALL_FIELDS[field])
    measure = tape.one(["count", "days_since", "distinct_days", "faded"])
    asked = {**matcher(tape), **maybe(tape, "within", DURATIONS)}
    asked[measure] = tape.one(DURATIONS) if measure == "faded" else True
    cuts: Sequence[Any] = DECIMAL_CUTS if measure == "faded" else [0, 1, 2, 3, 7, 14]
    asks = ["from", "below", "range", *(["known"] if measure == "days_since" else [])]
    return asked, lambda: number_operators(tape, cuts, asks)


def make_bands(tape: Maker, rule: Row) -> Row:
    asked, draw = learned_input(tape)
    return {
        "input": asked,
        "bands": [{**draw(), "points": tape.one(POINTS)} for _ in range(1 + tape.byte() % 3)],
    }


def make_bands_2d(tape: Maker, rule: Row) -> Row:
    sides: Row = {}
    for name in ("first", "second"):
        asked, draw = learned_input(tape)
        sides[name] = {"input": asked, "bands": [draw() for _ in range(1 + tape.byte() % 2)]}
    rows, columns = len(sides["first"]["bands"]), len(sides["second"]["bands"])
    return {**sides, "points": [[tape.one(POINTS) for _ in range(columns)] for _ in range(rows)]}


MAKERS: dict[str, Callable[[Maker, Row], Row]] = {
    "fields": make_fields,
    "activity": make_activity,
    "list_member": make_list_member,
    "activity_count": make_activity_count,
    "activity_recency": make_activity_recency,
    "velocity": make_velocity,
    "inactivity": make_inactivity,
    "sequence": make_sequence,
    "engaged_colleagues": make_engaged_colleagues,
    "bands": make_bands,
    "bands_2d": make_bands_2d,
    "active_days": make_active_days,
}
NEEDS_POINTS = {"list_member", "activity", "velocity", "inactivity", "sequence"}
OWN_POINTS = {"bands", "bands_2d"}


def a_rule(tape: Maker, number: int, axis: str, groups: list[str]) -> Row:
    kind = tape.one(list(MAKERS))
    rule: Row = {"id": f"r{number}", "kind": kind}
    if kind not in OWN_POINTS and (kind in NEEDS_POINTS or tape.chance(70)):
        weighs = axis == "profile" and tape.chance(50)
        rule |= {"weight": tape.one(WEIGHTS)} if weighs else {"points": tape.one(POINTS)}
    rule |= MAKERS[kind](tape, rule)
    rule |= maybe(tape, "at_most", LIMITS, 30) | maybe(tape, "flag", ["priority", "watch"], 20)
    return rule | (maybe(tape, "group", groups, 40) if groups else {})


# The document around the rules


def thresholds(tape: Maker, names: Sequence[Any]) -> Row:
    return dict(zip(names, sorted(tape.some(THRESHOLDS, 3, 3), reverse=True), strict=True))


def an_axis(tape: Maker, axis: str, rules: list[tuple[int, bytes]]) -> Row:
    groups = {f"{axis[0]}{n}": {"at_most": tape.one(LIMITS)} for n in range(tape.byte() % 3)}
    tapes = [(number, Maker(data, tape.absolute_dates)) for number, data in rules]
    part: Row = {"rules": [a_rule(one, number, axis, list(groups)) for number, one in tapes]}
    part |= {"groups": groups} if groups else {}
    part |= maybe(tape, "floor", ["none", "none", -10, 2, 0, Decimal("-0.5")])
    part |= maybe(tape, "at_most", [15, 40, Decimal("2.345"), 100], 30)
    part |= maybe(tape, "intercept", POINTS, 30)
    names: Sequence[Any] = ["A", "B", "C"] if axis == "profile" else [1, 2, 3]
    return part | {"letters" if axis == "profile" else "digits": thresholds(tape, names)}


def an_exclusion(tape: Maker, number: int) -> Row:
    what = {"list": tape.one(LISTS)} if tape.chance(50) else {"when": condition(tape)}
    return {"id": f"x{number}", **what}


def a_stage(tape: Maker, stage: str) -> Row:
    made = {"stage": stage, **maybe(tape, "within", DURATIONS), **maybe(tape, "at_least", [2, 1, 3], 40)}
    return {**made, "any": [matcher(tape) for _ in range(1 + tape.byte() % 2)]}


def a_potential(tape: Maker) -> Row:
    field = tape.one(["employees", "revenue", "account.size", "industry"])
    worths = [4000, 25000, Decimal("1.5"), 4000, 0]
    bands = [{**operators(tape, ALL_FIELDS[field]), "value": tape.one(worths)} for _ in range(1 + tape.byte() % 3)]
    return {"field": field, "bands": bands}


def a_calibration(tape: Maker) -> list[Row]:
    cuts: list[Any] = [Decimal("-2.5"), 0, 1, 10, Decimal("33.333"), 75]
    points = sorted(tape.some(cuts, 2, 4))
    chances = sorted(tape.one(PROBABILITIES) for _ in points)
    return [{"points": p, "probability": chance} for p, chance in zip(points, chances, strict=True)]


def a_document(data: bytes, rules: list[bytes], absolute_dates: bool) -> Row:
    """A whole valid document; rules go to the axis their first byte names."""
    tape = Maker(data, absolute_dates)
    of_axis: dict[str, list[tuple[int, bytes]]] = {"profile": [], "engagement": []}
    for number, rule in enumerate(rules):
        of_axis["engagement" if rule[0] % 2 else "profile"].append((number, rule[1:]))
    inputs: Row = {"fields": dict(FIELDS), "account_fields": dict(ACCOUNT_FIELDS)}
    inputs["activities"] = {name: dict(properties) for name, properties in ACTIVITIES.items()}
    document: Row = {"format": 1, "name": "case", "title": "A case", "subject": "lead"}
    document["inputs"] = inputs | maybe(tape, "no_value", NO_VALUES)
    document |= {axis: an_axis(tape, axis, of_axis[axis]) for axis in of_axis}
    if tape.chance(25):
        document["audience"] = condition(tape)
    if tape.chance(40):
        document["exclude"] = [an_exclusion(tape, number) for number in range(1 + tape.byte() % 2)]
    if tape.chance(60):
        document["journey"] = [a_stage(tape, f"stage{n}") for n in range(1 + tape.byte() % 3)]
    if tape.chance(60):
        document["potential"] = a_potential(tape)
    if tape.chance(40):
        document["calibration"] = a_calibration(tape)
    temperatures = [{"hot": ["A1", "A2", "B1"], "warm": ["A3", "B2", "C1"], "cold": "rest"}]
    document |= maybe(tape, "temperature", temperatures)
    document |= maybe(tape, "minimum_coverage", ["50%", "40%", "100%", "33.3%"])
    return document | maybe(tape, "rank", [["D4", "A1"], ["B1", "A2", "A1", "C3"], ["D1", "D4", "C4"]], 30)
