"""Rules that reward each activity: contributions faded and rounded one by one, the largest of each period kept."""

from dataclasses import dataclass

import ibis
import pyarrow as pa
from ibis import _

from vaglio.ask import EachActivity, Fading
from vaglio.plan.arithmetic import age_seconds, faded, halved, period_start
from vaglio.plan.facts import property_column
from vaglio.plan.holds import NoValue
from vaglio.plan.joins import left_join
from vaglio.plan.readers import Reader, Scored
from vaglio.plan.signatures import TELLING, Signatures
from vaglio.plan.steps import Found
from vaglio.terms import DAY_SECONDS, EPOCH_DAYS, MICROSECONDS
from vaglio.text import fold

# Length of a period, and what to add to an instant so that periods start at multiples of it, and none is below 0, where engines
# disagree about remainders. 1970 began on a Thursday.
_PERIODS = {
    "hour": (3600 * MICROSECONDS, EPOCH_DAYS * DAY_SECONDS * MICROSECONDS),
    "day": (DAY_SECONDS * MICROSECONDS, EPOCH_DAYS * DAY_SECONDS * MICROSECONDS),
    "week": (7 * DAY_SECONDS * MICROSECONDS, (EPOCH_DAYS + 3) * DAY_SECONDS * MICROSECONDS),
    "ever": (2**62, 2**61),
}


@dataclass(frozen=True)
class Each:
    """One rule over activities, with the slot its contributions are summed in."""

    scored: Scored
    reader: Reader
    slot: int

    @property
    def ask(self) -> EachActivity:
        """What the rule asks."""
        ask: EachActivity = self.scored.ask
        return ask

    def constants(self) -> dict[str, int]:
        """Return what the mapping carries for this rule."""
        ask = self.ask
        length, shift = _PERIODS.get(ask.once_per or "", (0, 0)) if not ask.once_per_property else (0, 0)
        return {
            "rule": self.scored.number,
            "period": length,
            "shift": shift,
            "slot": self.slot,
            "horizon": self.reader.horizon,
            **worth_constants(ask.millipoints, ask.fading),
        }


def worth_constants(millipoints: int, fading: Fading) -> dict[str, int]:
    """Return what :func:`worth` reads of a rule."""
    return {
        "magnitude": abs(millipoints),
        "sign": -1 if millipoints < 0 else 1,
        "half_life": fading.half_life_seconds or 0,
        "fade": fading.fade_seconds or 0,
    }


def aged_rows(signatures: Signatures, name: str, chosen: list[tuple[Reader, dict[str, int]]], *, told: bool = False) -> ibis.Table | None:
    """Return one row per activity and reader that matches it, with its ``age`` [seconds]; None: none are asked.

    See :meth:`vaglio.plan.signatures.Signatures.asked`.
    """
    matched = signatures.asked(name, chosen, told=told)
    if matched is None:
        return None
    return matched.mutate(age=age_seconds(matched.occurred_us, signatures.steps.now.as_of))


def faded_rows(signatures: Signatures, name: str, rules: list[Each], *, told: bool = False) -> ibis.Table | None:
    """Return one row per activity and rule with its rounded contribution ``value``, those of 0 left out."""
    aged = aged_rows(signatures, name, [(rule.reader, rule.constants()) for rule in rules], told=told)
    if aged is None:
        return None
    carried = [*TELLING, *sorted(signatures.readers.counted_by())]
    kept = ["lead_id", "occurred_us", "rule", "slot", "period", "shift", *(name for name in carried if name in aged.columns)]
    rows = aged.select(*kept, value=worth(aged, [rule.ask.fading for rule in rules])).filter(_.value != 0)
    return signatures.steps.shallow(f"{name}_rows", rows)


def worth(aged: ibis.Table, fadings: list[Fading]) -> ibis.Value:
    """Return what each row's rule gives at the row's ``age``, rounded once; a way of fading that no rule uses costs nothing."""
    branches = []
    if any(fading.half_life_seconds for fading in fadings):
        branches.append((aged.half_life > 0, halved(aged.magnitude, aged.age, aged.half_life.nullif(0))))
    if any(fading.fade_seconds for fading in fadings):
        branches.append((aged.fade > 0, faded(aged.magnitude, aged.age, aged.fade.nullif(0))))
    magnitude = ibis.cases(*branches, else_=aged.magnitude) if branches else aged.magnitude
    return magnitude * aged["sign"]


def once_lines(signatures: Signatures, rules: list[Each]) -> list[ibis.Table]:
    """Return ``lead_id, slot, value`` [millipoints] of rules that count once per period, as no table or one."""
    kept = once_rows(signatures, "once_rules", rules, detail=False)
    return [] if kept is None else [kept.select("lead_id", "slot", "value")]


def once_rows(signatures: Signatures, name: str, rules: list[Each], *, detail: bool) -> ibis.Table | None:
    """Return the kept contribution of each lead, rule and period: ``lead_id, rule, slot, value``, with ``detail`` the whole row."""
    rows = faded_rows(signatures, name, rules, told=detail)
    if rows is None:
        return None
    rows = rows.mutate(period_start=period_start(rows.occurred_us, rows.period.nullif(0), rows["shift"]).fill_null(0))
    rows = _with_buckets(signatures, name, rows, rules)
    keys = ["lead_id", "rule", "slot", "period_start", "bucket"]
    if not detail:
        # All contributions of a rule have one sign, so the largest absolute value is this sum of a maximum and a minimum.
        return rows.group_by(keys).aggregate(value=ibis.greatest(_.value.max(), 0) + ibis.least(_.value.min(), 0))
    order = [ibis.desc(rows.value.abs()), ibis.desc(rows.occurred_us), *identity(rows)]
    place = ibis.row_number().over(ibis.window(group_by=keys, order_by=order))
    return rows.mutate(place=place).filter(_.place == 0).drop("place")


def identity(rows: ibis.Table) -> list[ibis.Value]:
    """Return the columns that tell activities of one instant apart, for an order without ties."""
    return [rows[name] for name in TELLING if name in rows.columns]


def _with_buckets(signatures: Signatures, prefix: str, rows: ibis.Table, rules: list[Each]) -> ibis.Table:
    """Add ``bucket``: the number of the property's folded value where a rule counts once per property."""
    by_property: dict[str, list[int]] = {}
    for rule in rules:
        if rule.ask.once_per_property and rule.ask.once_per:
            by_property.setdefault(rule.ask.once_per, []).append(rule.scored.number)
    rows = rows.mutate(bucket=ibis.literal(0, "int64"))
    no_value = NoValue(signatures.readers.document.inputs.no_value)
    for name, numbers in by_property.items():
        column = property_column(name)
        concerned = rows.filter(rows.rule.isin(numbers))
        signatures.steps.ask(f"{prefix}_values_of_{column}", concerned.select(column).distinct())
        mapping = _buckets(signatures, f"{prefix}_values_of_{column}", column, rows[column].type().to_pyarrow(), no_value)
        rows = signatures.steps.shallow(f"{prefix}_rows_by_{column}", _bucketed(rows, column, numbers, mapping))
    return rows


def _buckets(signatures: Signatures, asked: str, column: str, kind: pa.DataType, no_value: NoValue) -> ibis.Table:
    schema = pa.schema({"bucket_value": kind, "bucket_number": pa.int64()})

    def buckets(found: Found) -> pa.Table:
        numbers = folded_buckets(found.answers[asked].column(column).to_pylist(), no_value)
        known = {value: number for value, number in numbers.items() if number}
        return pa.table([list(known), list(known.values())], schema=schema)

    return signatures.steps.mapping(f"buckets_of_{asked}", schema, buckets)


def _bucketed(rows: ibis.Table, column: str, numbers: list[int], mapping: ibis.Table) -> ibis.Table:
    joined = left_join(rows, mapping, column, "bucket_value")
    bucket = ibis.ifelse(joined.rule.isin(numbers), joined.bucket_number.fill_null(0), joined.bucket)
    return joined.mutate(bucket=bucket).drop("bucket_value", "bucket_number")


def folded_buckets(values: list[object], no_value: NoValue) -> dict[object, int]:
    """Return a number for each value of a property, the same for values that fold alike; no value is 0."""
    numbers: dict[object, int] = {}
    found: dict[object, int] = {}
    for value in values:
        if value is None or (isinstance(value, str) and no_value(value)):
            found[value] = 0
            continue
        key = fold(value) if isinstance(value, str) else value
        found[value] = numbers.setdefault(key, len(numbers) + 1)
    return found
