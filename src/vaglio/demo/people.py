"""What is true of each lead, whether or not the tables say so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaglio.demo import truth, words
from vaglio.demo.columns import NEVER, NONE
from vaglio.demo.company import COMPETITORS, Accounts, draw_employees, size_code
from vaglio.demo.randomness import Floats, Ints, Source, logistic
from vaglio.demo.recipe import DAY, WINDOW, Recipe

SPAM, COMPETITOR, STUDENT = range(3)
_STUDENT_SENIORITY = words.SENIORITIES.index("student")
_SPAM_SHARE = 0.03
_NO_ACCOUNT_SHARE = 0.15
# Buying moments may lie after the last day: those leads are hot then, and nobody knows the outcome yet.
MOMENT_AFTER_DAYS = 40


@dataclass(frozen=True)
class People:
    """All leads; arrays have shape (leads,).

    Attributes
    ----------
    account : number of the account, -1 for none
    country, industry, seniority : codes into the lists of ``words``
    employees : size of the company the lead works for
    blocked : code into ``truth.BLOCKS``, -1 for real buyers
    created : seconds from the start of the window; negative for earlier leads
    fit, interest : float, six decimals, so that the tables hold them exactly
    buys : seconds from the start of the window, ``NEVER`` for none
    """

    account: NDArray[np.int32]
    country: NDArray[np.int8]
    industry: NDArray[np.int8]
    seniority: NDArray[np.int8]
    employees: NDArray[np.int32]
    blocked: NDArray[np.int8]
    created: Ints
    fit: Floats
    interest: Floats
    buys: Ints

    def __len__(self) -> int:
        return len(self.account)


def make_people(recipe: Recipe, accounts: Accounts) -> People:
    """Make every lead's true values (about 60 bytes per lead)."""
    source, rows = recipe.source, np.arange(recipe.leads)
    account = _draw_account(source, rows, accounts)
    employed = account >= 0
    country = np.where(
        employed & (source.uniform("moved", rows) < 0.9),
        accounts.country[account],
        source.choose("country", rows, words.COUNTRY_WEIGHTS),
    )
    own_industry = source.choose("industry", rows, words.INDUSTRY_WEIGHTS)
    industry = np.where(employed, accounts.industry[account], own_industry)
    employees = np.where(employed, accounts.employees[account], draw_employees(source, "employees", rows))
    seniority = source.choose("seniority", rows, words.SENIORITY_WEIGHTS)
    blocked = _draw_blocked(source, rows, seniority, employed & (accounts.list[account] == COMPETITORS))
    interest = np.round(source.normal("interest", rows), 6)
    created = _draw_created(source, rows)
    return People(
        account=account.astype(np.int32),
        country=country.astype(np.int8),
        industry=industry.astype(np.int8),
        seniority=seniority.astype(np.int8),
        employees=employees.astype(np.int32),
        blocked=blocked,
        created=created,
        fit=_fit(source, rows, (seniority, employees, industry, country)),
        interest=interest,
        buys=_draw_buys(source, rows, created, np.where(blocked >= 0, -np.inf, interest)),
    )


def _draw_account(source: Source, rows: Ints, accounts: Accounts) -> Ints:
    """Give leads an account; larger companies have more of them."""
    weights = np.power(accounts.employees.astype(np.float64), 0.45)
    drawn = source.choose("account", rows, weights)
    drawn[source.uniform("no account", rows) < _NO_ACCOUNT_SHARE] = NONE
    return drawn


def _draw_blocked(source: Source, rows: Ints, seniority: Ints, competitor: NDArray[np.bool_]) -> NDArray[np.int8]:
    blocked = np.full(len(rows), NONE, dtype=np.int8)
    blocked[seniority == _STUDENT_SENIORITY] = STUDENT
    blocked[competitor] = COMPETITOR
    blocked[source.uniform("spam", rows) < _SPAM_SHARE] = SPAM
    return blocked


def _draw_created(source: Source, rows: Ints) -> Ints:
    """Create leads over two years, ever more of them, the newest a day before the end."""
    age = (1.0 - np.cbrt(source.uniform("created", rows))) * 2.0 * WINDOW + DAY
    return np.asarray(WINDOW - age, dtype=np.int64)


def _fit(source: Source, rows: Ints, parts: tuple[Ints, Ints, Ints, Ints]) -> Floats:
    seniority, employees, industry, country = parts
    total = np.asarray(truth.SENIORITY_FIT)[seniority] + np.asarray(truth.SIZE_FIT)[size_code(employees)]
    total += np.asarray(truth.INDUSTRY_FIT)[industry] + np.asarray(truth.COUNTRY_FIT)[country]
    return np.asarray(np.round(total + truth.FIT_NOISE * source.normal("fit", rows), 6), dtype=np.float64)


def _draw_buys(source: Source, rows: Ints, created: Ints, interest: Floats) -> Ints:
    """Draw buying moments, from two weeks after the lead appears until some weeks after the last day."""
    share = logistic(truth.MOMENT["intercept"] + truth.MOMENT["interest"] * interest)
    first = np.maximum(created, 0) + 14 * DAY
    last = WINDOW + MOMENT_AFTER_DAYS * DAY
    buys = last - source.uniform("buys", rows) ** 1.2 * (last - first)
    return np.where(source.uniform("moment", rows) < share, buys.astype(np.int64), NEVER)
