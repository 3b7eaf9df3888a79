"""What two leads are asked, and how much each answer speaks for one person or against it.

Weights are in bits: 1 doubles the odds, -1 halves them. They were fitted to made leads whose truth is known (``benchmarks/twins``, not
the seeds that tests or figures are taken on); those of answers that made people give otherwise than real ones were set by hand
(decision 18). An answer that names a column in ``rare`` weighs more the rarer the shared value is among the leads at hand: its weight
is added to the bits by which the value is rare.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One outcome of a comparison: a word, when it is given (SQL on ``_l`` and ``_r``), and how much it says [bits]."""

    word: str
    when: str
    weight: float
    rare: str | None = None


@dataclass(frozen=True)
class Comparison:
    """What is compared, when there is nothing to compare, and its answers: the first that fits counts."""

    name: str
    nothing: str
    answers: tuple[Answer, ...]


def _alike(column: str) -> str:
    """Return when two spellings are one letter apart, or nearly the same."""
    near = f"(damerau_levenshtein({column}_l, {column}_r) <= 1 OR jaro_winkler_similarity({column}_l, {column}_r) >= 0.94)"
    return f"least(length({column}_l), length({column}_r)) >= 4 AND {near}"


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
_SPELLED_L, _SPELLED_R = "coalesce(company_key_l, domain_key_l)", "coalesce(company_key_r, domain_key_r)"
_NO_DIGITS = "regexp_replace(mail_{0}, '[0-9]', '', 'g')"

_OTHER_NAMES = "coalesce(initial_l <> initial_r AND last_l <> last_r AND first_l <> last_r, FALSE)"

COMPARISONS = (
    Comparison(
        "last_name", "last_l IS NULL OR last_r IS NULL",
        (
            Answer("same", "last_l = last_r", -1.0, "last"),
            Answer("swapped", "last_l = first_r AND first_l = last_r", 16.0),
            Answer("near", _slip("last"), 9.6),
            Answer("alike", _alike("last"), 5.0),
            Answer("part", "list_has_any(string_split(last_l, ' '), string_split(last_r, ' '))", 4.0),
            Answer("differs", "ELSE", -4.0),
        ),
    ),
    Comparison(
        "first_name", "first_l IS NULL OR first_r IS NULL",
        (
            Answer("same", "first_l = first_r", -2.1, "first"),
            Answer("swapped", "last_l = first_r AND first_l = last_r", 1.3),
            Answer("nickname", "list_has_any(groups_l, groups_r)", 5.4),
            Answer("part", "given_l = given_r", 6.8),
            Answer("initial", "least(length(first_l), length(first_r)) = 1 AND initial_l = initial_r", 4.4),
            Answer("sex", f"({_HE_AND_SHE}) AND least(first_count_l, first_count_r) > 2", -8.0),
            Answer("near", _slip("first"), 6.0),
            # Of one family, or colleagues with one surname: far likelier than one person with two first names.
            Answer("other", "last_l = last_r", -11.0),
            Answer("differs", "ELSE", -5.0),
        ),
    ),
    Comparison(
        "generation", "suffix_l IS NOT DISTINCT FROM suffix_r",
        (
            Answer("differs", "suffix_l IS NOT NULL AND suffix_r IS NOT NULL", -6.0),
            Answer("one", "ELSE", -3.0),
        ),
    ),
    Comparison(
        "email", "mail_l IS NULL OR mail_r IS NULL",
        (
            Answer("same", "mail_l = mail_r", 21.0),
            Answer("numbered", f"domain_l = domain_r AND {_NO_DIGITS.format('name_l')} = {_NO_DIGITS.format('name_r')}", -4.0),
            Answer("near", f"damerau_levenshtein(mail_l, mail_r) <= 1 AND {_NO_DIGITS.format('l')} <> {_NO_DIGITS.format('r')}"
                   " AND length(mail_name_l) > 5 AND coalesce(initial_l = initial_r, TRUE)", 3.1),
            Answer("name", "mail_own_l = mail_own_r", 5.8),
            Answer("colleague", "domain_l = domain_r", 1.9),
            Answer("differs", "ELSE", -0.2),
        ),
    ),
    Comparison(
        "namesake", "coalesce(mail_l = mail_r, FALSE)",
        # anna.rossi2 says that there is another Anna Rossi there.
        (Answer("second", "is_second_l OR is_second_r", -5.0), Answer("none", "ELSE", 0.8)),
    ),
    Comparison(
        "company", f"{_SPELLED_L} IS NULL OR {_SPELLED_R} IS NULL",
        (
            Answer("domain", "domain_l = domain_r", -5.6, "domain"),
            Answer("same", "company_key_l = company_key_r", -2.9, "company_key"),
            Answer("called", "company_key_l = domain_key_r OR company_key_r = domain_key_l", 6.3),
            Answer("near", f"damerau_levenshtein({_SPELLED_L}, {_SPELLED_R}) <= 1"
                   f" OR jaro_winkler_similarity({_SPELLED_L}, {_SPELLED_R}) >= 0.93", 6.1),
            Answer("part", "split_part(company_l, ' ', 1) = split_part(company_r, ' ', 1)", 1.0),
            Answer("differs", "ELSE", -4.0),
        ),
    ),
    Comparison(
        "phone", "len(numbers_l) = 0 OR len(numbers_r) = 0",
        (
            # Two colleagues whose names have nothing in common, and one number: a phone that several use.
            Answer("switchboard", f"list_has_any(numbers_l, numbers_r) AND ({_COLLEAGUES}) AND {_OTHER_NAMES}", 0.2),
            Answer("mobile", "mobile_l = mobile_r OR list_contains(numbers_l, mobile_r) OR list_contains(numbers_r, mobile_l)", 22.0),
            Answer("switchboard", f"list_has_any(numbers_l, numbers_r) AND ({_COLLEAGUES})", 0.2),
            Answer("same", "list_has_any(numbers_l, numbers_r)", 5.3),
            Answer("mobile_differs", "mobile_l <> mobile_r", -3.5),
            Answer("differs", "ELSE", -0.8),
        ),
    ),
    Comparison(
        "city", "city_l IS NULL OR city_r IS NULL",
        (Answer("same", "city_l = city_r", -2.0, "city"), Answer("differs", "ELSE", -0.7)),
    ),
    Comparison(
        "country", "country_l IS NULL OR country_r IS NULL",
        (Answer("same", "country_l = country_r", -0.4), Answer("differs", "ELSE", -1.5)),
    ),
    Comparison(
        "job_title", "title_l IS NULL OR title_r IS NULL",
        (Answer("same", "title_l = title_r", -0.7, "title"), Answer("differs", "ELSE", -1.5)),
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
