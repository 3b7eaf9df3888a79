"""What two leads are asked, and how much each answer speaks for one person or against it.

Two who are not one person are either strangers, who agree by chance, or kin: relatives, namesakes of one firm, who agree for a reason. One
person stands against both, so an answer has two weights, in bits: 1 doubles the odds, -1 halves them. An answer that names a column in
``rare`` weighs more against strangers the rarer the shared value is among the leads at hand: its weight is added to the bits by which
the value is rare. It says nothing against kin: that a surname is rare does not tell brothers apart.

The weights were fitted to made leads whose truth is known (``benchmarks.weigh``; not the seeds that tests or figures are taken on). By hand
stand those of part of a surname, which made people do not change (decision 18).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One outcome: a word, when it is given (SQL on ``_l`` and ``_r``), and what it says against strangers and against kin [bits]."""

    word: str
    when: str
    weight: float
    kin: float
    rare: str | None = None


@dataclass(frozen=True)
class Comparison:
    """What is compared, when there is nothing to compare, and its answers: the first that fits counts."""

    name: str
    nothing: str
    answers: tuple[Answer, ...]


def _digits(column: str) -> str:
    return f"regexp_replace({column}, '[^0-9]+', '', 'g')"


def _alike(column: str) -> str:
    """Return when two spellings are one letter apart, or nearly the same. Another number is no slip: Person1 is not Person2."""
    near = f"(damerau_levenshtein({column}_l, {column}_r) <= 1 OR jaro_winkler_similarity({column}_l, {column}_r) >= 0.94)"
    return f"least(length({column}_l), length({column}_r)) >= 4 AND {near} AND {_digits(f'{column}_l')} = {_digits(f'{column}_r')}"


def _slip(column: str) -> str:
    """Return when two spellings are one with a slip: alike, and one of them is written so by few."""
    low, high = (f"{which}({column}_count_l, {column}_count_r)" for which in ("least", "greatest"))
    return f"{_alike(column)} AND ({low} * 8 <= {high} OR {high} <= 3)"


def _before_ending(column: str) -> str:
    return f"substr({column}, 1, length({column}) - 1)"


# Mario and Maria, Daniel and Daniela: one letter apart, and two people.
_HE_AND_SHE = (
    "(starts_with(first_l, first_r) AND substr(first_l, length(first_r) + 1) IN ('a', 'e', 'o', 'ia'))"
    " OR (starts_with(first_r, first_l) AND substr(first_r, length(first_l) + 1) IN ('a', 'e', 'o', 'ia'))"
    f" OR ({_before_ending('first_l')} = {_before_ending('first_r')}"
    " AND right(first_l, 1) IN ('a', 'e', 'i', 'o') AND right(first_r, 1) IN ('a', 'e', 'i', 'o'))"
)
_COLLEAGUES = "coalesce(domain_l = domain_r, FALSE) OR coalesce(company_key_l = company_key_r, FALSE)"
_CALLED = "company_key_l = domain_key_r OR company_key_r = domain_key_l"
_ONE_FIRM = f"{_COLLEAGUES} OR coalesce({_CALLED}, FALSE)"
_SPELLED_L, _SPELLED_R = "coalesce(company_key_l, domain_key_l)", "coalesce(company_key_r, domain_key_r)"
_COUNTED = f"{_digits(_SPELLED_L)} <> {_digits(_SPELLED_R)} AND {_digits(_SPELLED_L)} <> '' AND {_digits(_SPELLED_R)} <> ''"
_NO_DIGITS = "regexp_replace(mail_{0}, '[0-9]', '', 'g')"

_OTHER_NAMES = "coalesce(initial_l <> initial_r AND last_l <> last_r AND first_l <> last_r, FALSE)"

KIN = 4.2  # bits by which two leads are likelier one person than kin, before anything is compared
COMPARISONS = (
    Comparison(
        "last_name", "last_l IS NULL OR last_r IS NULL",
        (
            Answer("same", "last_l = last_r", 0.0, -3.6, "last"),
            Answer("swapped", "last_l = first_r AND first_l = last_r", 10.6, 0.0),
            Answer("near", _slip("last"), -1.5, -3.1, "last"),
            Answer("alike", _alike("last"), -3.0, -3.5, "last"),
            Answer("part", "list_has_any(string_split(last_l, ' '), string_split(last_r, ' '))", 4.0, -2.0),
            Answer("differs", "ELSE", -2.8, 0.0),
        ),
    ),
    Comparison(
        "first_name", "first_l IS NULL OR first_r IS NULL",
        (
            Answer("same", "first_l = first_r", -1.7, 2.9, "first"),
            Answer("swapped", "last_l = first_r AND first_l = last_r", 10.6, 0.0),
            Answer("nickname", "list_has_any(groups_l, groups_r)", 7.4, 3.9),
            Answer("part", "given_l = given_r", 9.0, 3.0),
            Answer("initial", "least(length(first_l), length(first_r)) = 1 AND initial_l = initial_r", 5.2, 1.9),
            Answer("sex", f"({_HE_AND_SHE}) AND least(first_count_l, first_count_r) > 2", 0.0, -9.5),
            Answer("near", _slip("first"), -2.2, 2.6, "first"),
            # Of one family, or colleagues with one surname: far likelier than one person with two first names.
            Answer("other", "last_l = last_r", -5.9, -8.0),
            Answer("differs", "ELSE", 0.0, -6.1),
        ),
    ),
    Comparison(
        "generation", "suffix_l IS NOT DISTINCT FROM suffix_r",
        (
            Answer("differs", "suffix_l IS NOT NULL AND suffix_r IS NOT NULL", -0.1, -12.0),
            Answer("one", "ELSE", -7.3, -5.8),
        ),
    ),
    Comparison(
        "email", "mail_l IS NULL OR mail_r IS NULL",
        (
            Answer("same", "mail_l = mail_r", 24.0, 8.0),
            Answer("numbered", f"domain_l = domain_r AND {_NO_DIGITS.format('name_l')} = {_NO_DIGITS.format('name_r')}", -4.0, -7.8),
            Answer("near", f"damerau_levenshtein(mail_l, mail_r) <= 1 AND {_NO_DIGITS.format('l')} <> {_NO_DIGITS.format('r')}"
                   " AND length(mail_name_l) > 5 AND coalesce(initial_l = initial_r, TRUE)", 4.3, 1.7),
            Answer("name", "mail_own_l = mail_own_r", 8.0, -0.2),
            Answer("colleague", "domain_l = domain_r", -3.1, 0.0),
            Answer("differs", "domain_l <> domain_r", -0.1, -0.5),
            Answer("differs", "ELSE", 0.0, -0.3),
        ),
    ),
    Comparison(
        "namesake", "coalesce(mail_l = mail_r, FALSE)",
        # anna.rossi2 says that there is another Anna Rossi there.
        (Answer("second", "is_second_l OR is_second_r", 0.0, -4.5), Answer("none", "ELSE", 0.0, 0.0)),
    ),
    Comparison(
        "company", f"{_SPELLED_L} IS NULL OR {_SPELLED_R} IS NULL",
        (
            Answer("domain", "domain_l = domain_r", -0.4, 2.5, "domain"),
            Answer("same", "company_key_l = company_key_r", -1.4, 2.5, "company_key"),
            Answer("called", _CALLED, -3.1, 2.9, "domain"),
            Answer("differs", _COUNTED, -3.3, -3.3),  # Company 1 and Company 2
            Answer("near", f"damerau_levenshtein({_SPELLED_L}, {_SPELLED_R}) <= 1"
                   f" OR jaro_winkler_similarity({_SPELLED_L}, {_SPELLED_R}) >= 0.93", 5.4, 3.6),
            Answer("part", "split_part(company_l, ' ', 1) = split_part(company_r, ' ', 1)", 4.9, 4.0),
            Answer("differs", "ELSE", -3.3, -3.3),
        ),
    ),
    Comparison(
        "phone", "len(numbers_l) = 0 OR len(numbers_r) = 0",
        (
            # Two colleagues whose names have nothing in common, and one number: a phone that several use.
            Answer("switchboard", f"list_has_any(numbers_l, numbers_r) AND ({_COLLEAGUES}) AND {_OTHER_NAMES}", 0.0, -3.1),
            Answer("mobile", "mobile_l = mobile_r OR list_contains(numbers_l, mobile_r) OR list_contains(numbers_r, mobile_l)", 24.0, 8.0),
            Answer("switchboard", f"list_has_any(numbers_l, numbers_r) AND ({_COLLEAGUES})", 0.4, 0.7),
            Answer("same", "list_has_any(numbers_l, numbers_r)", 3.0, 1.9),
            Answer("mobile_differs", "mobile_l <> mobile_r", -3.7, -4.0),
            Answer("differs", "ELSE", -0.9, -1.0),
        ),
    ),
    Comparison(
        "city", "city_l IS NULL OR city_r IS NULL",
        (
            # Where the firm is, its people are.
            Answer("same", f"city_l = city_r AND ({_ONE_FIRM})", 0.2, 0.0),
            Answer("same", "city_l = city_r", -4.2, 1.9, "city"),
            Answer("differs", "ELSE", 0.0, 0.0),
        ),
    ),
    Comparison(
        "country", "country_l IS NULL OR country_r IS NULL",
        (Answer("same", "country_l = country_r", -0.1, 0.2), Answer("differs", "ELSE", 0.0, 0.0)),
    ),
    Comparison(
        "job_title", "title_l IS NULL OR title_r IS NULL",
        (Answer("same", "title_l = title_r", -1.0, 2.8, "title"), Answer("differs", "ELSE", -0.8, -1.2)),
    ),
)  # fmt: skip

# Pairs that are looked at: those that agree in all that one of these lines names.
LOOKED_AT = (
    "l.mail = r.mail",
    "l.numbers = r.numbers",  # any of the one is any of the other
    "l.mail_own = r.mail_own",
    "l.last = r.last AND l.initial = r.initial",
    "l.skeleton = r.skeleton AND l.given = r.given",
    "l.last = r.last AND l.domain = r.domain",
    "l.last = r.last AND l.company_key = r.company_key",
    "l.last = r.last AND l.company_key = r.domain_key",
    "l.last = r.last AND l.domain_key = r.company_key",
    "l.last = r.first AND l.first = r.last",
    "l.given = r.given AND l.domain = r.domain AND l.last_initial = r.last_initial",
    "l.given = r.given AND l.company_key = r.company_key AND l.last_initial = r.last_initial",
    "l.given = r.given AND l.company_key = r.domain_key AND l.last_initial = r.last_initial",
    "l.given = r.given AND l.domain_key = r.company_key AND l.last_initial = r.last_initial",
)
