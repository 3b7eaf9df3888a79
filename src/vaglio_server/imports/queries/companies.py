"""Companies that a file names: which are there already, and what their fields held before."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower

from vaglio_server.crm.models import Account, FieldChange
from vaglio_server.imports.logic.companies import Company
from vaglio_server.imports.logic.going_back import before
from vaglio_server.imports.models import Import, ImportedCompany, ImportState
from vaglio_server.tracking.models import TakenBack
from vaglio_server.tracking.queries import Named, counted, undone_by

_FILE = re.compile(r"import:(\d+)", re.ASCII)


def known_company(said: Company) -> Account | None:
    """Return the company that a row means: the one of its domain, else, where it gives none, the only one of its name."""
    present = Account.objects.present()
    if said.domain:
        return present.filter(domain=said.domain).first()
    named = list(present.annotate(low=Lower("name")).filter(low=str(said.name).lower())[:2])
    return named[0] if len(named) == 1 else None


def _meant(rows: Sequence[Company]) -> tuple[QuerySet[Account], QuerySet[Any]]:
    """Return the companies of the domains that rows give, and, for those that give none, those of their names in small letters, ``low``."""
    present = Account.objects.present()
    low = [str(each.name).lower() for each in rows if not each.domain]
    return present.filter(domain__in=[each.domain for each in rows if each.domain]), present.annotate(low=Lower("name")).filter(low__in=low)


def companies_named(rows: Sequence[Company]) -> list[int]:
    """Return the companies that some rows may mean, at two questions."""
    return [account for found in _meant(rows) for account in found.values_list("pk", flat=True)]


def known_companies(said: Iterable[Company]) -> int:
    """Return how many rows mean a company that is there already, or one named before among them."""
    rows = list(said)
    by_domain, by_name = _meant(rows)
    domains, names = set(by_domain.values_list("domain", flat=True)), set(by_name.values_list("low", flat=True))
    count = 0
    for each in rows:
        if each.domain:
            count += each.domain in domains
            domains.add(each.domain)
        else:
            count += str(each.name).lower() in names
        names.add(str(each.name).lower())
    return count


@dataclass(frozen=True)
class Files:
    """Which files wrote to a company: what those that were taken back and did not make it write in histories (``not_makers``), and
    whether another one still names it.
    """

    not_makers: frozenset[str]
    is_named: bool


def files_of(account: Account, each: Import) -> Files:
    """Return what files wrote to a company, with one that is being taken back among those that were."""
    others = ImportedCompany.objects.filter(account=account).exclude(of=each)
    makers = set(others.filter(is_made=True).values_list("of_id", flat=True))
    return Files(_writers(_undone([account.pk], each) - makers), _named([account.pk], each) != set())


def unneeded(accounts: Collection[int], each: Import) -> tuple[list[int], frozenset[str]]:
    """Return those of some companies that no file in force names, and what files that were taken back write in histories.

    ``each`` is one that is being taken back. Who else needs them, :func:`vaglio_server.crm.actions.take_back_accounts` looks for.
    """
    return sorted(set(accounts) - _named(accounts, each)), _writers(_undone(accounts, each))


def _named(accounts: Collection[int], each: Import) -> set[int]:
    """Return those of some companies that other files of companies still name."""
    rows = ImportedCompany.objects.filter(account__in=accounts, result=TakenBack.NOT_YET, of__is_undoable=True).exclude(of=each)
    return set(rows.values_list("account_id", flat=True))


def _undone(accounts: Collection[int], each: Import) -> set[int]:
    """Return the files that wrote to some companies and were taken back, this one among them; of others their row says so."""
    rows = ImportedCompany.objects.filter(account__in=accounts).exclude(result=TakenBack.NOT_YET)
    wrote = FieldChange.objects.filter(account__in=accounts, by__startswith="import:").values_list("by", flat=True).distinct()
    numbers = [int(found[1]) for by in wrote if (found := _FILE.match(by))]
    done = Import.objects.filter(pk__in=numbers, state=ImportState.UNDONE)
    return {each.pk, *rows.values_list("of_id", flat=True), *done.values_list("pk", flat=True)}


def _writers(files: Iterable[int]) -> frozenset[str]:
    bringers = [Import(pk=number).bringer for number in files]
    return frozenset({*bringers, *map(undone_by, bringers)})


def company_values(account: Account, bringer: str, writers: Collection[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the values that a company's fields held before a file wrote them, and the names of those that somebody wrote later.

    ``writers``: what files that were taken back, this one among them, write in histories.
    """
    rows = FieldChange.objects.filter(account=account).order_by("field", "known_at", "pk").values_list("field", "value", "by")
    found = before(rows, bringer, writers)
    return found.values, found.later


def companies_of(each: Import) -> Named:
    """Return how many companies a file named, and what became of them when it was taken back."""
    return counted(ImportedCompany.objects.filter(of=each))
