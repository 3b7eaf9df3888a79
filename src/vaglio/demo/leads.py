"""How leads write themselves down: the mess of ``leads.csv``, and the history of three of its fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vaglio.demo import words
from vaglio.demo.columns import (
    NONE,
    Flags,
    Texts,
    fixed_text_column,
    identifier_bytes,
    instants_column,
    integers_column,
    texts,
    words_column,
)
from vaglio.demo.company import Accounts, account_column, domains
from vaglio.demo.people import SPAM, People
from vaglio.demo.randomness import Floats, Ints
from vaglio.demo.recipe import DAY, WINDOW, Recipe

HISTORY_FIELDS = ("job_title", "employees", "country")
_HISTORY_SHARES = (0.22, 0.15, 0.06)


@dataclass(frozen=True)
class _Titles:
    """Every job title in every case, and where those of a country and seniority lie.

    Attributes
    ----------
    words : distinct spellings
    word : code of a spelling, by title and case
    first, count : first title and number of titles, by country (English last) and seniority
    size : number of titles; those in upper case follow them in ``word``, then those in lower case
    """

    words: Texts
    word: Ints
    first: Ints
    count: Ints
    size: int


def _gather_titles() -> _Titles:
    titles: list[str] = []
    first = np.zeros((len(words.COUNTRIES) + 1, len(words.SENIORITIES)), dtype=np.int64)
    count = np.zeros_like(first)
    local = [words.TITLES_LOCAL[code] for code in words.COUNTRIES]
    for place, by_seniority in enumerate([*local, words.TITLES_ENGLISH]):
        for seniority, choices in enumerate(by_seniority):
            first[place, seniority] = len(titles)
            count[place, seniority] = len(choices)
            titles.extend(choices)
    spelled = [*titles, *(title.upper() for title in titles), *(title.lower() for title in titles), _BLANK]
    # Several languages share a title; Arrow wants each word of a dictionary once.
    distinct, word = np.unique(texts(spelled), return_inverse=True)
    return _Titles(texts(distinct), word, first, count, len(titles))


_BLANK = "  "
_TITLES = _gather_titles()
_ENGLISH = len(words.COUNTRIES)
_INDUSTRY_SPELLINGS = (
    *words.INDUSTRIES,
    *(industry.capitalize() for industry in words.INDUSTRIES),
    *(industry.upper() for industry in words.INDUSTRIES),
)


@dataclass(frozen=True)
class Fields:
    """The three fields with history, as codes; arrays have shape (n,), -1 for no value.

    Attributes
    ----------
    job_title : code into the job titles
    employees : number
    country : code into ``words.COUNTRIES``
    """

    job_title: Ints
    employees: Ints
    country: Ints


def lead_bytes(recipe: Recipe, rows: Ints) -> NDArray[np.uint8]:
    """Spell lead numbers (from 0) as ``L000001``, as a matrix of ASCII bytes."""
    return identifier_bytes("L", rows + 1, recipe.digits)


def current_fields(recipe: Recipe, people: People, rows: Ints) -> Fields:
    """Give what the leads wrote into the form, today."""
    source = recipe.source
    country = people.country[rows].astype(np.int64)
    employees = people.employees[rows].astype(np.int64)
    employees[source.uniform("employees missing", rows) < 0.20] = NONE
    country[source.uniform("country missing", rows) < 0.03] = NONE
    missing = source.uniform("title missing", rows)
    title = _draw_titles(recipe, people, rows, rows)
    title[missing < 0.12] = NONE
    title[(missing >= 0.12) & (missing < 0.125)] = _TITLES.word[-1]
    return Fields(title, employees, country)


def _draw_titles(recipe: Recipe, people: People, rows: Ints, draws: Ints) -> Ints:
    """Draw titles of the leads ``rows``; ``draws`` numbers the draws, so that a lead can have several."""
    source = recipe.source
    english = source.uniform("title language", draws) < 0.7
    place = np.where(english, _ENGLISH, people.country[rows])
    seniority = people.seniority[rows].astype(np.int64)
    chosen = _TITLES.first[place, seniority] + source.below("title", draws, _TITLES.count[place, seniority])
    case = source.choose("title case", draws, (0.84, 0.06, 0.10))
    return np.asarray(_TITLES.word[chosen + case * _TITLES.size], dtype=np.int64)


def leads_table(recipe: Recipe, people: People, accounts: Accounts, rows: Ints) -> pa.Table:
    """Spell some leads as rows of ``leads.csv``."""
    source = recipe.source
    fields = current_fields(recipe, people, rows)
    spam = people.blocked[rows] == SPAM
    first, last = _names(recipe, people, rows)
    industry = people.industry[rows] + len(words.INDUSTRIES) * source.choose("case", rows, (0.75, 0.2, 0.05))
    industry[source.uniform("industry missing", rows) < 0.06] = NONE
    lead_source = source.choose("lead source", rows, words.LEAD_SOURCE_WEIGHTS)
    return pa.table(
        {
            "lead_id": fixed_text_column(lead_bytes(recipe, rows)),
            "account_id": account_column(people.account[rows].astype(np.int64), len(accounts)),
            "created_at": instants_column(recipe.instants(people.created[rows])),
            "first_name": pa.array(first, pa.string()),
            "last_name": pa.array(last, pa.string()),
            "email": _emails(recipe, people, rows, (first, last)),
            "job_title": words_column(fields.job_title, _TITLES.words),
            "country": words_column(fields.country, texts(words.COUNTRIES)),
            "industry": words_column(industry, texts(_INDUSTRY_SPELLINGS)),
            "employees": integers_column(fields.employees, fields.employees < 0),
            "lead_source": words_column(lead_source, texts(words.LEAD_SOURCES)),
            "is_suspicious": pa.array(spam),
        }
    )


def _names(recipe: Recipe, people: People, rows: Ints) -> tuple[list[str], list[str]]:
    """Draw first and last names of the lead's country; gibberish for spam."""
    source = recipe.source
    country = people.country[rows].tolist()
    spam = (people.blocked[rows] == SPAM).tolist()
    upper = (source.uniform("name case", rows) < 0.04).tolist()
    drawn: list[list[str]] = []
    for stream, names in (("first name", words.FIRST_NAMES), ("last name", words.LAST_NAMES)):
        by_code = [names[code] for code in words.COUNTRIES]
        picks = source.below(stream, rows, 5 * 7 * 8 * 9).tolist()
        chosen = [
            words.GIBBERISH[pick % len(words.GIBBERISH)] if bad else by_code[code][pick % len(by_code[code])]
            for pick, bad, code in zip(picks, spam, country, strict=True)
        ]
        drawn.append([name.upper() if shout else name for name, shout in zip(chosen, upper, strict=True)])
    return drawn[0], drawn[1]


def _emails(recipe: Recipe, people: People, rows: Ints, names: tuple[list[str], list[str]]) -> pa.Array:
    """Spell mail addresses: the account's domain, a free one, or a disposable one for spam."""
    numbers = people.account[rows].astype(np.int64)
    spam = people.blocked[rows] == SPAM
    distinct, position = np.unique(numbers, return_inverse=True)
    own = np.asarray(domains(distinct), dtype=object)[position]
    free = np.asarray(words.FREE_MAIL, dtype=object)[rows // 5 % len(words.FREE_MAIL)]
    disposable = np.asarray(words.DISPOSABLE_MAIL, dtype=object)[rows % len(words.DISPOSABLE_MAIL)]
    private = (numbers < 0) | (recipe.source.uniform("private mail", rows) < 0.08)
    domain = pa.array(np.where(spam, disposable, np.where(private, free, own)), pa.string())
    local = pc.binary_join_element_wise(*(_ascii(name) for name in names), ".")
    # The lead's number keeps addresses apart; there are far fewer names than leads.
    numbered = pc.binary_join_element_wise(local, pa.array(rows + 1).cast(pa.string()), "")
    return pc.binary_join_element_wise(numbered, domain, "@")


def _ascii(names: list[str]) -> pa.Array:
    lowered = pc.utf8_lower(pc.utf8_normalize(pa.array(names, pa.string()), form="NFKD"))
    return pc.replace_substring_regex(lowered, pattern=r"[^a-z0-9]", replacement="")


def field_changes_table(recipe: Recipe, people: People, rows: Ints) -> pa.Table:
    """Spell the field history of some leads as rows of ``field_changes.csv``.

    A history starts when the lead is created and its last row is the field's current value.
    """
    current = current_fields(recipe, people, rows)
    parts = [_one_history(recipe, people, rows, (field, current)) for field in range(len(HISTORY_FIELDS))]
    position = np.concatenate([part[0] for part in parts])
    field = np.concatenate([np.full(len(part[0]), code) for code, part in enumerate(parts)])
    step = np.concatenate([part[1] for part in parts])
    values = pa.concat_arrays([part[2] for part in parts])
    known = np.concatenate([part[3] for part in parts])
    order = np.lexsort((step, field, position))
    return pa.table(
        {
            "lead_id": fixed_text_column(lead_bytes(recipe, rows[position[order]])),
            "field": words_column(field[order], texts(HISTORY_FIELDS)),
            "value": values.take(pa.array(order)),
            "known_at": instants_column(recipe.instants(known[order])),
        }
    )


def _one_history(recipe: Recipe, people: People, rows: Ints, which: tuple[int, Fields]) -> tuple[Ints, Ints, pa.Array, Ints]:
    """Make the history of one field: positions among ``rows``, steps, values, seconds of becoming known."""
    field, _ = which
    name = HISTORY_FIELDS[field]
    source = recipe.source
    chosen = np.flatnonzero(source.uniform(f"history {name}", rows) < _HISTORY_SHARES[field])
    steps = 1 + source.choose(f"changes {name}", rows[chosen], (0.3, 0.5, 0.2))
    position = np.repeat(chosen, steps)
    first_row = np.cumsum(steps) - steps
    step = np.arange(len(position)) - np.repeat(first_row, steps)
    is_last = step == np.repeat(steps, steps) - 1
    values = _history_values(recipe, people, (rows[position], position, step, is_last), which)
    created = people.created[rows[position]]
    # Changes are spread over the time since creation, one in each equal part, so they differ.
    part = (step - source.uniform(f"change time {name}", rows[position] * 4 + step)) / np.repeat(steps, steps)
    later = created + step + (np.maximum(part, 0.0) * (WINDOW - DAY // 2 - created)).astype(np.int64)
    return position, step, values, np.where(step == 0, created, later)


def _history_values(recipe: Recipe, people: People, places: tuple[Ints, Ints, Ints, Flags], which: tuple[int, Fields]) -> pa.Array:
    rows, position, step, is_last = places
    field, current = which
    source = recipe.source
    if HISTORY_FIELDS[field] == "job_title":
        earlier = _draw_titles(recipe, people, rows, recipe.leads + rows * 4 + step)
        codes = np.where(is_last, current.job_title[position], earlier)
        return words_column(codes, _TITLES.words).cast(pa.string())
    if HISTORY_FIELDS[field] == "country":
        earlier = source.choose("country before", rows * 4 + step, words.COUNTRY_WEIGHTS)
        codes = np.where(is_last, current.country[position], earlier)
        return words_column(codes, texts(words.COUNTRIES)).cast(pa.string())
    shrunk: Floats = people.employees[rows] * (0.5 + 0.4 * source.uniform("size before", rows * 4 + step))
    numbers = np.where(is_last, current.employees[position], np.maximum(1, shrunk.astype(np.int64)))
    return integers_column(numbers, numbers < 0).cast(pa.string())
