"""What PostgreSQL does in its own way."""

from vaglio.dialect import DIVIDED, FOLDED, MATCHED, PLACED, POINTS, ROUNDED, STOPPED, Dialect, Trait

DIALECT = Dialect(
    rounding=Trait("even", ROUNDED),
    integer_division=Trait("whole", DIVIDED),
    overflow=Trait("fails", STOPPED),
    sums=Trait("numeric", "Every result is cast to its type."),
    decimals=Trait("decimal", POINTS),
    powers=Trait("fails", "A power stops at 2^-1000, of which nothing is left either."),
    number_text=Trait("1e+15", "A function of the session writes doubles."),
    null_order=Trait("last", PLACED),
    text_order=Trait("collation", 'Every order of texts says COLLATE "C", the bytes of UTF-8.'),
    case_folding=Trait("one", FOLDED),
    regular_expressions=Trait("POSIX", MATCHED),
    time_zones=Trait("UTC", "The session's zone is set; a timestamp without a zone is read as UTC."),
)
