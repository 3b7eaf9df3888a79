"""The accounts (companies) that leads work for, and the lists they stand on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vaglio.demo import words
from vaglio.demo.columns import (
    NONE,
    dates_column,
    fixed_text_column,
    identifier_bytes,
    integers_column,
    texts,
    words_column,
)
from vaglio.demo.randomness import Floats, Ints, Source
from vaglio.demo.recipe import DAY, Recipe

LISTS = ("priority_accounts", "competitors", "customers", "partners")
COMPETITORS = 1
_LIST_SHARES = (0.04, 0.012, 0.03, 0.015)


@dataclass(frozen=True)
class Accounts:
    """What is true of each account; all arrays have shape (accounts,).

    Attributes
    ----------
    country, industry : codes into ``words.COUNTRIES`` and ``words.INDUSTRIES``
    employees : number of people
    list : code into ``LISTS``, -1 for the many that are on none
    """

    country: NDArray[np.int8]
    industry: NDArray[np.int8]
    employees: NDArray[np.int32]
    list: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.employees)


def make_accounts(source: Source, leads: int) -> Accounts:
    """Make about one account for every four leads."""
    rows = np.arange(max(4, leads // 4))
    industry = source.choose("account industry", rows, words.INDUSTRY_WEIGHTS)
    employees = draw_employees(source, "account employees", rows)
    return Accounts(
        country=source.choose("account country", rows, words.COUNTRY_WEIGHTS).astype(np.int8),
        industry=industry.astype(np.int8),
        employees=employees.astype(np.int32),
        list=_draw_list(source, rows, industry, employees),
    )


def draw_employees(source: Source, stream: str, rows: Ints) -> Ints:
    """Draw company sizes: a median of 160 people, a sixth below 25, one in thirty above 5,000."""
    logarithm = np.log(160.0) + 1.9 * source.normal(stream, rows)
    return np.asarray(np.clip(np.exp(logarithm), 1, 250_000), dtype=np.int64)


def size_code(employees: NDArray[np.int32] | Ints) -> Ints:
    """Tell small (below 50), medium and large (from 5,000) companies apart: 0, 1, 2."""
    return np.asarray(np.digitize(employees, (50, 5_000)), dtype=np.int64)


def _draw_list(source: Source, rows: Ints, industry: Ints, employees: Ints) -> NDArray[np.int8]:
    """Put accounts on lists; marketing and sales name good companies priority accounts more often."""
    promising = (industry <= 1) & (size_code(employees) >= 1)
    edges = np.cumsum(_LIST_SHARES)
    drawn = source.uniform("account list", rows)
    on_list = np.searchsorted(edges, drawn, side="right")
    on_list[on_list == len(LISTS)] = NONE
    on_list[promising & (on_list == NONE) & (drawn > 1.0 - 0.15)] = 0
    return on_list.astype(np.int8)


def account_digits(accounts: int) -> int:
    """Give the number of digits in an account's identifier."""
    return max(6, len(str(accounts)))


def account_column(numbers: Ints, accounts: int) -> pa.Array:
    """Spell account numbers (from 0, -1 for none) as ``A000001``."""
    return fixed_text_column(identifier_bytes("A", numbers + 1, account_digits(accounts)), numbers < 0)


def domains(rows: Ints) -> list[str]:
    """Spell the mail domains of accounts; they end in a reserved name, so nobody owns them."""
    stems = [_plain(stem) for stem in words.FIRM_STEMS]
    trades = [trade.lower() for trade in words.FIRM_TRADES]
    return [f"{stems[row % len(stems)]}-{trades[row // len(stems) % len(trades)]}{row}.example" for row in rows.tolist()]


def _plain(text: str) -> str:
    return text.lower().replace("ț", "t").replace("ă", "a")


def accounts_table(accounts: Accounts, rows: Ints) -> pa.Table:
    """Spell some accounts as rows of ``accounts.csv``."""
    stems, trades = len(words.FIRM_STEMS), len(words.FIRM_TRADES)
    forms = [words.FIRM_FORMS[country] for country in words.COUNTRIES]
    country = accounts.country[rows]
    # A firm's name need not be unique, its domain is.
    names = [
        f"{words.FIRM_STEMS[row % stems]} {words.FIRM_TRADES[row // stems % trades]} {forms[code]}"
        for row, code in zip(rows.tolist(), country.tolist(), strict=True)
    ]
    return pa.table(
        {
            "account_id": account_column(rows, len(accounts)),
            "name": pa.array(names, pa.string()),
            "domain": pa.array(domains(rows), pa.string()),
            "industry": words_column(accounts.industry[rows], texts(words.INDUSTRIES)),
            "employees": integers_column(accounts.employees[rows]),
            "country": words_column(country, texts(words.COUNTRIES)),
            "segment": words_column(size_code(accounts.employees[rows]), texts(words.SEGMENTS)),
        }
    )


def lists_table(recipe: Recipe, accounts: Accounts, lead_ids: pa.Array, partner_leads: Ints) -> pa.Table:
    """Spell the members of all lists as rows of ``lists.csv``.

    Parameters
    ----------
    recipe : Recipe
    accounts : Accounts
    lead_ids : pyarrow string array, shape (k,)
        The leads who are members by themselves.
    partner_leads : array of int64, shape (k,)
        Their numbers.
    """
    members = np.flatnonzero(accounts.list >= 0)
    count = len(members)
    lists = np.concatenate([accounts.list[members], np.full(len(partner_leads), LISTS.index("partners"))])
    rows = np.arange(len(lists))
    since = recipe.start_us - (recipe.source.below("list since", rows, 400) * DAY).astype(np.int64) * 1_000_000
    length_days = 500 + recipe.source.below("list length", rows, 365)
    # Competitors stay competitors; of the others one in ten has left.
    ended = (recipe.source.uniform("list ended", rows) < 0.1) & (lists != COMPETITORS)
    ids = pa.concat_arrays([account_column(members, len(accounts)), lead_ids])
    return pa.table(
        {
            "list": words_column(lists, texts(LISTS)),
            "member_type": words_column((rows >= count).astype(np.int64), texts(("account", "lead"))),
            "member_id": ids,
            "from": dates_column(since),
            "to": dates_column(since + _days_us(length_days), ~ended),
        }
    )


def _days_us(days: Ints | Floats) -> Ints:
    return np.asarray(days * (DAY * 1_000_000), dtype=np.int64)
