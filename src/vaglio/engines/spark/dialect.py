"""What Spark does in its own way."""

from vaglio.dialect import DIVIDED, FADED, FOLDED, MATCHED, PLACED, POINTS, ROUNDED, STOPPED, Dialect, Trait

DIALECT = Dialect(
    rounding=Trait("away", ROUNDED),
    integer_division=Trait("double", DIVIDED),
    overflow=Trait("fails", f"{STOPPED} That is ANSI mode, which the session sets."),
    sums=Trait("bigint", "A sum that overflows fails."),
    decimals=Trait("decimal", POINTS),
    powers=Trait("zero", FADED),
    number_text=Trait("1.0E15", "A function of Python writes doubles."),
    null_order=Trait("first", PLACED),
    text_order=Trait("bytes", "Of UTF-8, which is the order of code points."),
    case_folding=Trait("two", FOLDED),
    regular_expressions=Trait("Java", MATCHED),
    time_zones=Trait("UTC", "The session's zone is set; a timestamp without a zone is read as UTC."),
)
