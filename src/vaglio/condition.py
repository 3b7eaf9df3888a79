"""Conditions as data: operators on one input, joined by all, any and not. There is no expression language."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, StrictBool, StrictInt, StrictStr, WithJsonSchema, model_validator

from vaglio.quantities import Duration, Frozen, Text, plain_number

Fraction = Annotated[Decimal, PlainSerializer(plain_number)]  # written as a number: a text would be read as one
Scalar = StrictBool | StrictInt | Fraction | StrictStr
Bound = StrictInt | Fraction | StrictStr
FieldName = Annotated[str, Field(strict=True, pattern=r"^(account\.)?[A-Za-z_][A-Za-z0-9_]*$", max_length=110)]


def _listed(value: Any) -> Any:
    """Let a single item stand for a list of one, as people write it."""
    return value if isinstance(value, list | tuple | None) else (value,)


def _one_or_list(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]})


Scalars = Annotated[
    tuple[Scalar, ...], BeforeValidator(_listed), Field(min_length=1), _one_or_list({"type": ["string", "number", "boolean"]})
]
Texts = Annotated[
    tuple[Text, ...], BeforeValidator(_listed), Field(min_length=1), _one_or_list({"type": "string", "minLength": 1, "maxLength": 2000})
]
SOME_OPERATOR = "needs an operator, such as equals, in, from, below, any_word or known"


class Test(Frozen):
    """Operators on one input; several are joined by *and*."""

    __test__ = False  # not a pytest class

    equals: Scalar | None = None
    in_: Scalars | None = Field(default=None, alias="in")
    not_in: Scalars | None = None
    from_: Bound | None = Field(default=None, alias="from", description="at least this number or date")
    below: Bound | None = Field(default=None, description="less than this number or date")
    any_word: Texts | None = Field(default=None, description="one of these words stands in the text")
    contains: Texts | None = None
    starts_with: Texts | None = None
    ends_with: Texts | None = None
    matches: Text | None = Field(default=None, description="RE2 pattern, searched in the folded text")
    known: StrictBool | None = Field(default=None, description="whether there is a value")
    older_than: Duration | None = None
    newer_than: Duration | None = None

    def operators(self) -> dict[str, Any]:
        """Return the operators written in this test, by their name in the document."""
        found = ((name.rstrip("_"), getattr(self, name)) for name in Test.model_fields)
        return {name: value for name, value in found if value is not None}

    def alone(self) -> "Test":
        """Return the bare test, without what a subclass adds, so that equal tests are equal."""
        return self if type(self) is Test else Test.model_construct(**{n: getattr(self, n) for n in Test.model_fields})


class Condition(Test):
    """Operators on one field, or a combination of conditions."""

    field: FieldName | None = Field(default=None, description="a lead's field, or account.<field>")
    all: tuple["Condition", ...] | None = Field(default=None, min_length=1)
    any: tuple["Condition", ...] | None = Field(default=None, min_length=1)
    not_: "Condition | None" = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Condition":
        joined = [part for part in (self.all, self.any, self.not_) if part is not None]
        operators = self.operators()
        if len(joined) + bool(operators) > 1:
            raise ValueError("mixes all, any, not and operators; put each in its own condition under all")
        if not joined and not operators:
            raise ValueError(SOME_OPERATOR)
        if joined and self.field:
            raise ValueError("has a field beside all, any or not; put the field into the conditions inside")
        return self


class Where(Frozen):
    """Conditions on an activity's properties: ``{path: {starts_with: /pricing}}``; several are joined by *and*."""

    model_config = Frozen.model_config | {"extra": "allow"}
    __pydantic_extra__: dict[str, Test | Scalar] = Field(init=False)

    all: tuple["Where", ...] | None = Field(default=None, min_length=1)
    any: tuple["Where", ...] | None = Field(default=None, min_length=1)
    not_: "Where | None" = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _is_not_empty(self) -> "Where":
        if not (self.all or self.any or self.not_ or self.__pydantic_extra__):
            raise ValueError("is empty; name a property, or leave where out")
        for name, test in (self.__pydantic_extra__ or {}).items():
            if isinstance(test, Test) and not test.operators():
                raise ValueError(f"{name} {SOME_OPERATOR}")
        return self

    def __hash__(self) -> int:
        return hash((self.all, self.any, self.not_, tuple((self.__pydantic_extra__ or {}).items())))


@dataclass(frozen=True, slots=True)
class FieldInput:
    """A field of the lead, or of its account; ``name`` without the prefix ``account.``."""

    name: str
    of_account: bool = False

    def __str__(self) -> str:
        return f"account.{self.name}" if self.of_account else self.name


@dataclass(frozen=True, slots=True)
class PropertyInput:
    """A property of an activity."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test of one input (a field, a property or a measure)."""

    input: Any
    test: Test


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; with no part, always."""

    parts: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Never:
    """The part does not hold."""

    part: "Expr"


Expr = Leaf | Every | Some | Never
ALWAYS = Every(())


def field_input(name: str) -> FieldInput:
    """Return the input a document names as ``name`` or ``account.name``."""
    return FieldInput(name.removeprefix("account."), name.startswith("account."))


def condition_expr(condition: Condition, default: str | None = None) -> Expr:
    """Return a condition as an expression; an operator without ``field`` reads the field ``default``."""
    if condition.all is not None:
        return Every(tuple(condition_expr(part, default) for part in condition.all))
    if condition.any is not None:
        return Some(tuple(condition_expr(part, default) for part in condition.any))
    if condition.not_ is not None:
        return Never(condition_expr(condition.not_, default))
    return Leaf(field_input(condition.field or default or ""), condition.alone())


def where_expr(where: Where | None) -> Expr:
    """Return a ``where`` as an expression over properties."""
    if where is None:
        return ALWAYS
    parts: list[Expr] = [
        Leaf(PropertyInput(name), test if isinstance(test, Test) else Test.model_construct(equals=test))
        for name, test in (where.__pydantic_extra__ or {}).items()
    ]
    parts += [where_expr(part) for part in where.all or ()]
    if where.any is not None:
        parts.append(Some(tuple(where_expr(part) for part in where.any)))
    if where.not_ is not None:
        parts.append(Never(where_expr(where.not_)))
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def leaves(expr: Expr) -> Iterator[Leaf]:
    """Yield every test in an expression, in document order."""
    if isinstance(expr, Leaf):
        yield expr
    elif isinstance(expr, Never):
        yield from leaves(expr.part)
    else:
        for part in expr.parts:
            yield from leaves(part)


def evaluate(expr: Expr, holds: Callable[[Leaf], bool]) -> bool:
    """Return whether an expression holds, asking ``holds`` for each test."""
    if isinstance(expr, Leaf):
        return holds(expr)
    if isinstance(expr, Never):
        return not evaluate(expr.part, holds)
    if isinstance(expr, Some):
        return any(evaluate(part, holds) for part in expr.parts)
    return all(evaluate(part, holds) for part in expr.parts)


def held(expr: Expr, holds: Callable[[Leaf], bool]) -> Expr:
    """Return what made an expression hold: of several parts joined by *any* those that hold."""
    if isinstance(expr, Leaf | Never):
        return expr
    parts = tuple(held(part, holds) for part in expr.parts if evaluate(part, holds))
    return parts[0] if isinstance(expr, Some) and len(parts) == 1 else type(expr)(parts)
