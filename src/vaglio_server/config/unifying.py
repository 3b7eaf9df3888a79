"""Bringing the countries that records hold already into their one form, from the command line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from vaglio.countries import code_of, name_of, offers
from vaglio_server.crm.actions import unify_countries
from vaglio_server.crm.queries import countries_held

SUBJECTS = ("lead", "contact", "account")
BY = "command line"


@dataclass(frozen=True)
class Found:
    """What some records of a kind hold as their country, and its one form; without one, what it could mean."""

    subject: str
    text: str
    records: int
    code: str
    perhaps: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """It in words."""
        means = f"{self.code} ({name_of(self.code, 'en')})" if self.code else "not known, stays"
        perhaps = f"; perhaps {' or '.join(name_of(code, 'en') for code in self.perhaps)}" if self.perhaps else ""
        return f'{self.subject}: {self.records:,} × "{self.text}": {means}{perhaps}'


def found() -> list[Found]:
    """Return what records hold that is not in its one form, the most held of a kind first."""
    return [
        Found(subject, text, records, code_of(text) or "", offers(text))
        for subject in SUBJECTS
        for text, records in sorted(countries_held(subject).items(), key=lambda its: (-its[1], its[0]))
        if code_of(text) != text
    ]


def unify(held: list[Found], at: datetime) -> Iterator[tuple[str, int]]:
    """Write them in their one form, some at a time; yield of each kind how many records were written so far."""
    for subject in SUBJECTS:
        forms = {each.text: each.code for each in held if each.subject == subject and each.code}
        after, records = 0, 0
        while forms and (done := unify_countries(subject=subject, forms=forms, after=after, by=BY, at=at)).last:
            after, records = done.last, records + done.records
            yield subject, records
