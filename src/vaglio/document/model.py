"""The model document: one readable text, the contract between marketing and sales, as frozen values."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, StrictStr, WithJsonSchema, model_validator

from vaglio.ask import Match
from vaglio.condition import ALWAYS, Condition, Expr, FieldName, condition_expr
from vaglio.document.origin import Origin
from vaglio.quantities import Duration, Frozen, Name, Number, Points, Rating, Share, Title, Words, plain_number, read_points
from vaglio.rule import Matching, Rule
from vaglio.rules import AnyRule
from vaglio.terms import AXES, RANK_ORDER, Axis, InputType

PropertyTypes = dict[Name, InputType]


def _read_floor(value: Any) -> Decimal | None:
    return None if value in ("none", None) else read_points(value)


def _text_keys(value: Any) -> Any:
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else value


def _read_date(value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("is not a date; write it as 2027-03-31") from None


Floor = Annotated[
    Decimal | None,
    BeforeValidator(_read_floor),
    PlainSerializer(lambda value: "none" if value is None else plain_number(value)),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"const": "none"}]}),
]
Day = Annotated[date, BeforeValidator(_read_date), PlainSerializer(str), WithJsonSchema({"type": "string", "format": "date"})]


class Inputs(Frozen):
    """What the model reads, with types; anything else is an error in a rule and ignored in data."""

    fields: dict[Name, InputType] = Field(default_factory=dict)
    account_fields: dict[Name, InputType] = Field(default_factory=dict)
    activities: dict[Name, PropertyTypes] = Field(default_factory=dict)
    no_value: tuple[StrictStr, ...] = Field(default=(), description="texts that mean not filled, such as Select")

    def property_types(self) -> dict[str, InputType]:
        """Return every property of every activity type with its type."""
        return {name: kind for properties in self.activities.values() for name, kind in properties.items()}


class Exclusion(Frozen):
    """Who is never rated, and why."""

    id: Name
    list: Name | None = None
    when: Condition | None = None

    @model_validator(mode="after")
    def _is_one_reason(self) -> "Exclusion":
        if (self.list is None) == (self.when is None):
            raise ValueError("needs either list or when")
        return self


class Group(Frozen):
    """A cap that several rules share."""

    at_most: Points = Field(gt=0)


class RuleSet(Frozen):
    """One axis: its rules, groups and bounds."""

    rules: tuple[AnyRule, ...] = ()
    groups: dict[Name, Group] = Field(default_factory=dict)
    at_most: Points | None = None
    floor: Floor = Decimal(0)
    intercept: Points = Decimal(0)


class Profile(RuleSet):
    """Explicit facts: who they are. Letters A, B, C are reached from these points on, else D."""

    letters: Annotated[dict[Literal["A", "B", "C"], Points], BeforeValidator(_text_keys)]

    def thresholds(self) -> dict[str, Decimal]:
        """Return the least points of each letter but the last."""
        return {str(name): points for name, points in self.letters.items()}


class Engagement(RuleSet):
    """Implicit behaviour: what they do. Digits 1, 2, 3 are reached from these points on, else 4."""

    digits: Annotated[dict[Literal["1", "2", "3"], Points], BeforeValidator(_text_keys)]

    def thresholds(self) -> dict[str, Decimal]:
        """Return the least points of each digit but the last."""
        return {str(name): points for name, points in self.digits.items()}


class StageTest(Matching):
    """One kind of activity that shows a buying stage."""

    @model_validator(mode="after")
    def _is_whole(self) -> "StageTest":
        self.need_activity()
        return self


class Stage(Frozen):
    """A buying stage; the furthest one reached, in the list's order, is the lead's."""

    stage: Name
    any: tuple[StageTest, ...] = Field(min_length=1)
    at_least: int = Field(default=1, ge=1, strict=True)
    within: Duration | None = None

    def matches(self) -> tuple[Match, ...]:
        """Return the kinds of activity that show this stage."""
        return tuple(test.match() for test in self.any)


class PotentialBand(Condition):
    """A band of potential and its value."""

    value: Number


class Potential(Frozen):
    """What a customer like this could be worth; it orders leads of equal rating."""

    field: FieldName | None = None
    bands: tuple[PotentialBand, ...] = Field(min_length=1)

    def cases(self) -> tuple[tuple[Expr, Decimal], ...]:
        """Return the bands as expressions with their values."""
        return tuple((condition_expr(band, self.field), band.value) for band in self.bands)


class Temperature(Frozen):
    """Hot, warm and cold, as sets of ratings; one of them may be ``rest``."""

    hot: tuple[Rating, ...] | Literal["rest"] = ()
    warm: tuple[Rating, ...] | Literal["rest"] = ()
    cold: tuple[Rating, ...] | Literal["rest"] = "rest"

    def of(self, rating: str) -> str | None:
        """Return the temperature of a rating."""
        named = {"hot": self.hot, "warm": self.warm, "cold": self.cold}
        for name, ratings in named.items():
            if ratings != "rest" and rating in ratings:
                return name
        return next((name for name, ratings in named.items() if ratings == "rest"), None)


class Ratings(Frozen):
    """What each cell of the matrix leads to."""

    sales: tuple[Rating, ...] = ()
    nurture: dict[Name, tuple[Rating, ...]] = Field(default_factory=dict)
    none: tuple[Rating, ...] = ()

    def destinations(self) -> dict[str, tuple[Rating, ...]]:
        """Return every destination with its ratings."""
        return {"sales": self.sales, **self.nurture, "none": self.none}


class Expectation(Frozen):
    """What share of a rating's leads should reach an outcome."""

    accepted: Share | None = None
    won: Share | None = None


class ShareLimit(Frozen):
    """The inflation clause: how much of the audience a rating may hold."""

    at_most: Share


class Promises(Frozen):
    """What makes the document a contract."""

    horizon: Duration | None = None
    expect: dict[Rating, Expectation] = Field(default_factory=dict)
    first_response: dict[Rating, Duration] = Field(default_factory=dict)
    share: dict[Rating, ShareLimit] = Field(default_factory=dict)
    review_by: Day | None = None


class CalibrationPoint(Frozen):
    """One row of the table from total points to probability."""

    points: Points
    probability: Number = Field(ge=0, le=1)


class ModelDocument(Frozen):
    """A whole model. Frozen: a changed model is another document with another fingerprint."""

    format: Literal[1]
    name: Name
    title: Title | None = None
    description: Words | None = None
    learned: Origin | None = None
    subject: Literal["lead", "contact"] = "lead"
    audience: Condition | None = None
    inputs: Inputs = Inputs()
    exclude: tuple[Exclusion, ...] = ()
    profile: Profile
    engagement: Engagement
    journey: tuple[Stage, ...] = ()
    potential: Potential | None = None
    temperature: Temperature | None = None
    drives: Literal["lifecycle"] | None = None
    ratings: Ratings | None = None
    promises: Promises | None = None
    minimum_coverage: Share = Decimal(0)
    rank: tuple[Rating, ...] = ()
    calibration: tuple[CalibrationPoint, ...] = ()

    def axis(self, axis: Axis) -> Profile | Engagement:
        """Return one axis."""
        return self.profile if axis == "profile" else self.engagement

    def rules(self) -> Iterator[tuple[Axis, Rule]]:
        """Yield every rule with its axis, profile first."""
        for axis in AXES:
            for rule in self.axis(axis).rules:
                yield axis, rule

    def audience_expr(self) -> Expr:
        """Return who this model scores."""
        return condition_expr(self.audience) if self.audience else ALWAYS

    def destination(self, rating: str) -> str | None:
        """Return where a rating leads to: ``sales``, the name of a nurture track, ``none``, or None where the model does not say."""
        named = self.ratings.destinations() if self.ratings else {}
        return next((name for name, ratings in named.items() if rating in ratings), None)

    def rank_order(self) -> tuple[str, ...]:
        """Return the ratings, first to call first; those the model does not list follow in the standard order."""
        return tuple(dict.fromkeys(self.rank + RANK_ORDER))

    def lists(self) -> tuple[str, ...]:
        """Return the names of the lists the model reads, in order of first use."""
        excluding = [exclusion.list for exclusion in self.exclude if exclusion.list]
        scoring = [rule.list for _, rule in self.rules() if rule.kind == "list_member"]  # type: ignore[attr-defined]
        return tuple(dict.fromkeys(excluding + scoring))
