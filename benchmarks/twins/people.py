"""People as they are, and the companies they work for: what every record of them is a more or less true copy of."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from random import Random

from benchmarks.twins import names

_SPELLED = str.maketrans({"ø": "o", "æ": "ae", "å": "a", "ß": "ss", "ı": "i", "đ": "d", "ł": "l"})
CONVENTIONS = ("first.last", "f.last", "flast", "last", "first", "last.first", "first_last")
CONVENTION_WEIGHTS = (50, 16, 12, 4, 6, 8, 4)


@lru_cache(maxsize=100_000)
def slug(text: str) -> str:
    """Return a name as it stands in an address: ``D'Angelo`` is ``dangelo``."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED))
    return re.sub(r"[^a-z0-9]", "", plain)


@dataclass
class Company:
    """An employer: how it writes addresses, and the number that everybody there gives who has none of their own."""

    name: str
    form: str
    domain: str
    country: str
    city: str
    convention: str
    switchboard: str


@dataclass
class Person:
    """Somebody, with all there is to know."""

    number: int
    first: str
    last: str
    suffix: str
    company: Company
    before: Company
    title: str
    mail: str
    mail_before: str
    private: str
    office: str
    mobile: str
    tags: tuple[str, ...] = field(default=())


class Town:
    """All companies and people, drawn one after the other."""

    def __init__(self, random: Random, people: int) -> None:
        self.random = random
        self._domains: set[str] = set()
        self._firms: set[tuple[str, str, str]] = set()
        self._mails: set[str] = set()
        self.companies = [self._company() for _each in range(max(3, people // 5))]
        # Few companies have very many people, most have one or two.
        self._upto = list(accumulate(min(random.paretovariate(0.95), people / 150 + 4) for _each in self.companies))
        self._number = 0

    def _company(self) -> Company:
        random = self.random
        country = random.choices(names.COUNTRIES, names.COUNTRY_WEIGHTS)[0]
        city = names.towns(country).draw(random)
        name = self._called(country, city)
        convention = random.choices(CONVENTIONS, CONVENTION_WEIGHTS)[0]
        form = random.choice(names.FORMS[country])
        return Company(name, form, self._domain(name, country, city), country, city, convention, self.phone(country))

    def _called(self, country: str, city: str) -> str:
        """Return a firm's name that no other has in its town: registers see to that. Elsewhere there may be one."""
        random = self.random
        while True:
            family = random.random() < 0.35
            stem = (names.last_names(country) if family else names.stems()).draw(random)
            name = f"{stem} {random.choice(names.TRADES)}" if random.random() < 0.8 else stem
            if (country, city, slug(name)) not in self._firms:
                self._firms.add((country, city, slug(name)))
                return name

    def _domain(self, name: str, country: str, city: str) -> str:
        """Return a domain nobody else has: the name's, else with the town, else with a number."""
        base, number = slug(name), 1
        found = base
        while f"{found}.{names.DOMAINS[country]}" in self._domains:
            number += 1
            found = f"{base}-{slug(city)}" + (str(number) if number > 2 else "")
        self._domains.add(f"{found}.{names.DOMAINS[country]}")
        return f"{found}.{names.DOMAINS[country]}"

    def phone(self, country: str, start: str = "") -> str:
        """Return a number of a country, with its prefix."""
        return f"{names.PREFIXES[country]} {start}{self.random.randrange(20_000_000, 99_999_999)}"

    def employer(self) -> Company:
        """Return a company, large ones often."""
        return self.random.choices(self.companies, cum_weights=self._upto)[0]

    def person(self, **known: object) -> Person:
        """Return somebody new; what is known of them (as a colleague of somebody's, say) is not drawn."""
        random = self.random
        company = known.get("company") or self.employer()
        assert isinstance(company, Company)
        country = company.country if random.random() < 0.88 else random.choices(names.COUNTRIES, names.COUNTRY_WEIGHTS)[0]
        first = str(known.get("first") or names.first_names(country).draw(random))
        last = str(known.get("last") or names.last_names(country).draw(random))
        before = self.employer()
        own = random.random() < 0.35
        office = company.switchboard if not own else company.switchboard[:-3] + f"{random.randrange(1000):03}"
        self._number += 1
        return Person(
            self._number, first, last, str(known.get("suffix") or ""), company, before, random.choice(names.TITLES),
            self.address(first, last, company.convention, company.domain), self.address(first, last, before.convention, before.domain),
            self._private(first, last, country), office, self.phone(country, "3"),
        )  # fmt: skip

    def address(self, first: str, last: str, convention: str, domain: str) -> str:
        """Return an address nobody else has."""
        return self._free(local(first, last, convention), domain)

    def _private(self, first: str, last: str, country: str) -> str:
        random = self.random
        one, two = slug(first), slug(last)
        ways = (f"{one}.{two}", f"{one}{two}", f"{two}.{one}", f"{one[:1]}{two}", f"{one}{random.randrange(60, 99)}")
        base = random.choice(ways) + (str(random.randrange(60, 99)) if random.random() < 0.3 else "")
        if random.random() < 0.12:
            base = "".join(random.choice("abcdefghiklmnoprstuvz") for _each in range(9))
        return self._free(base, random.choice(names.FREE[country].split()))

    def _free(self, base: str, domain: str) -> str:
        found, number = f"{base or 'x'}@{domain}", 1
        while found in self._mails:
            number += 1
            found = f"{base or 'x'}{number}@{domain}"
        self._mails.add(found)
        return found


def local(first: str, last: str, convention: str) -> str:
    """Return the part of an address before the at sign, as a company writes it."""
    one, two = slug(first), slug(last)
    found = {
        "first.last": f"{one}.{two}", "f.last": f"{one[:1]}.{two}", "flast": f"{one[:1]}{two}", "last": two, "first": one,
        "last.first": f"{two}.{one}", "first_last": f"{one}_{two}",
    }  # fmt: skip
    return found[convention]


LOOKALIKES = (
    ("Mario", "Maria"), ("Andrea", "Andreea"), ("Daniele", "Daniela"), ("Daniel", "Daniela"), ("Paolo", "Paola"), ("Claudio", "Claudia"),
    ("Gabriel", "Gabriela"), ("Christian", "Christina"), ("Martin", "Martina"), ("Simone", "Simona"), ("Stefan", "Stefania"),
    ("Julien", "Julie"), ("Eric", "Erica"), ("Michele", "Michela"),
)  # fmt: skip


def people(town: Town, count: int) -> list[Person]:
    """Return people, among them those whom a careless matcher takes for one."""
    random, found = town.random, list[Person]()
    while len(found) < count:
        one = town.person()
        found.append(one)
        drawn = random.random()
        if drawn < 0.020:  # a family firm: same surname, same telephone, same town
            found += [town.person(company=one.company, last=one.last) for _each in range(random.choice((1, 1, 2)))]
        elif drawn < 0.023:  # brother and sister with names of one letter's difference
            pair = random.choice(LOOKALIKES)
            found += [town.person(company=one.company, last=one.last, first=each) for each in pair]
        elif drawn < 0.025:  # father and son of one name
            one.suffix = random.choice(("", "Sr.", "senior"))
            found.append(town.person(company=one.company, last=one.last, first=one.first, suffix=random.choice(("Jr.", "junior", "jr"))))
        elif drawn < 0.028:  # two of one name at one company, by chance
            found.append(town.person(company=one.company, last=one.last, first=one.first))
        elif drawn < 0.040:  # of one name, elsewhere
            found.append(town.person(last=one.last, first=one.first))
    return found[:count]
