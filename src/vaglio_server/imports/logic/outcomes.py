"""Rows of a file as what became of leads; or why they cannot be taken."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from vaglio_server.crm.logic.currencies import currency_of
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.imports.logic.days import DAY_FIRST, instant
from vaglio_server.imports.logic.fact_headings import CURRENCY, LOST_AT, OUTCOME, REASON, VALUE, WON_AT
from vaglio_server.imports.logic.headings import EXTERNAL_ID, OCCURRED_AT, plain
from vaglio_server.imports.logic.people import Unfit, texts, typed, who
from vaglio_server.tracking.logic.moments import EARLIEST

LONGEST_REASON = 500
MOST = Decimal(10) ** 13
_BLANKS = " \u00a0\u202f"
_ANY = "$"  # a sign of the currencies of many countries
_NUMBER = re.compile(r"[+-]?[0-9](?:.*[0-9])?", re.DOTALL)
_AMOUNT = Definition("value", "value", "amount")
# What other systems and people call what became of somebody, folded as headings are.
_WORDS = {
    "won": "won|closed won|closedwon|win|customer|deal won|vinto|vinta|chiuso vinto|chiusa vinta|cliente|castigat|castigata"
    "|inchis castigat|inchisa castigata|client",
    "lost": "lost|closed lost|closedlost|loss|deal lost|perso|persa|chiuso perso|chiusa persa|pierdut|pierduta"
    "|inchis pierdut|inchisa pierduta",
    "accepted": "accepted|sales accepted|accepted by sales|qualified|sales qualified|sales qualified lead|salesqualifiedlead|sql|converted"
    "|closed converted|opportunity|accettato|accettata|qualificato|qualificata|convertito|convertita|acceptat|acceptata|calificat"
    "|calificata|convertit|convertita",
    "rejected": "rejected|rejected by sales|disqualified|unqualified|not qualified|closed not converted|canceled|cancelled|bad fit"
    "|rifiutato|rifiutata|scartato|scartata|non qualificato|non qualificata|squalificato|respins|respinsa|refuzat|necalificat|descalificat",
}  # fmt: skip
FATE_OF = {said: fate for fate, words in _WORDS.items() for said in words.split("|")}


@dataclass(frozen=True)
class Became:
    """What a row says became of somebody."""

    external_id: str | None
    email: str | None
    outcome: str
    occurred_at: datetime
    value: Decimal | None
    currency: str | None
    reason: str | None

    @property
    def values(self) -> dict[str, str | None]:
        """What a preview shows of it."""
        return {"external_id": self.external_id, "email": self.email, OUTCOME: self.outcome,
                OCCURRED_AT: f"{self.occurred_at:%Y-%m-%d}", VALUE: f"{self.value:,}" if self.value is not None else None,
                CURRENCY: self.currency, REASON: self.reason}  # fmt: skip

    def fact(self) -> tuple[str, datetime]:
        """Return what is said of whoever it is, to tell whether that is known."""
        return (self.outcome, self.occurred_at)


def became(cells: Sequence[str], columns: Sequence[str | None], orders: Mapping[str, str], now: datetime) -> Became:
    """Return what a row says became of somebody.

    Raises
    ------
    Unfit
        It names nobody, it does not say what became of them or when, or that lies in the future; every fault is named.
    """
    said, faults = texts(cells, columns), list[str]()
    said |= {EXTERNAL_ID: said[EXTERNAL_ID].partition(";")[0].strip()} if EXTERNAL_ID in said else {}  # of several people the first
    external_id, email = who(said, faults)
    fate = _fate(said.get(OUTCOME, ""), faults)
    at = _when(said, fate, orders, now, faults)
    value, currency = _money(said.get(VALUE, ""), said.get(CURRENCY, ""), faults)
    reason = said.get(REASON)
    if reason and len(reason) > LONGEST_REASON:
        faults.append(f"the reason is longer than {LONGEST_REASON} characters")
    if faults or at is None:
        raise Unfit("; ".join(faults))
    return Became(external_id, email, fate, at, value, currency, reason)


def _fate(text: str, faults: list[str]) -> str:
    fate = FATE_OF.get(plain(text), "")
    if not text:
        faults.append("it does not say what became of them")
    elif not fate:
        faults.append(
            f'"{text}" is still open, or not known here; known are accepted, rejected, won, lost, and what other systems call these'
        )
    return fate


def _when(said: Mapping[str, str], fate: str, orders: Mapping[str, str], now: datetime, faults: list[str]) -> datetime | None:
    """Return when it happened: by the column for what it is, such as the time of losing, else by that for all."""
    own = {"won": WON_AT, "lost": LOST_AT}.get(fate, "")
    column = own if said.get(own) else OCCURRED_AT
    text = said.get(column, "")
    at = instant(text, orders.get(column, DAY_FIRST)) if text else None
    if not text:
        faults.append("it does not say when")
    elif at is None:
        faults.append(f'"{text}" is no time; use one such as 2026-10-01')
    elif at < EARLIEST or at > now:
        faults.append(f'"{text}" lies {"in the future" if at > now else "before 1990"}; an outcome is what has happened')
    return at


def _money(text: str, said: str, faults: list[str]) -> tuple[Decimal | None, str | None]:
    """Return an amount and its currency, by the column for that or by what is written with the amount; that of nothing is none."""
    if not text:
        return None, None
    bare, written = _parted(text)
    value, currency = _value(bare, text, faults), currency_of(said) or written
    if said not in ("", _ANY) and currency_of(said) is None:
        faults.append(f'"{said}" is no currency; use its code such as EUR, or leave the column out')
    elif written not in (None, currency):
        faults.append(f'"{text}" is in {written}, and the column for the currency says {currency}; say one of them')
    return value, currency


def _parted(text: str) -> tuple[str, str | None]:
    """Return an amount without the currency before or behind it, and that one."""
    number = _NUMBER.search(text)
    if number is None:
        return text, None
    signs = {text[: number.start()].strip(_BLANKS), text[number.end() :].strip(_BLANKS)} - {"", _ANY}
    found = {currency_of(sign) for sign in signs}
    if None in found or len(found) > 1:
        return text, None  # which is no amount
    return number[0], next(iter(found), None)


def _value(bare: str, text: str, faults: list[str]) -> Decimal | None:
    try:
        value = Decimal(typed(_AMOUNT, bare))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value < MOST:
        faults.append(f'"{text}" is no amount; use one such as 1250.50')
        return None
    return round(value, 2)
