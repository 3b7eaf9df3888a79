"""Companies from a file: made or written to by the verbs that people and programs use, and taken back one by one."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection, transaction

from vaglio_server.crm.actions import (
    FaultyValues,
    Told,
    add_list_member,
    create_account,
    edit_account,
    lock_staff,
    now_known,
    remove_list_member,
    take_back_accounts,
)
from vaglio_server.crm.logic.standard import columns
from vaglio_server.crm.models import Account, ListMember
from vaglio_server.imports.logic.companies import Company
from vaglio_server.imports.models import Import, ImportedCompany, ImportedFact
from vaglio_server.imports.queries.companies import companies_named, company_values, files_of, known_company, unneeded
from vaglio_server.refused import Refused
from vaglio_server.tracking.models import TakenBack
from vaglio_server.tracking.queries import undone_by, unnamed_accounts


def hold_companies(said: Iterable[Company]) -> None:
    """Take the people of the companies that some rows mean, before the first of them is written: who writes to one holds what is known."""
    with connection.cursor() as cursor:
        lock_staff(cursor, *companies_named(list(said)))


@transaction.atomic
def take_company(*, each: Import, said: Company, at: datetime) -> None:
    """Make a company or write to the one that is meant, and put it on the list that the row names.

    Raises
    ------
    Refused
        A value does not fit, or its domain is another company's.
    """
    account = known_company(said)
    is_new = account is None
    own = {"name": said.name, "domain": said.domain} if account is not None else {"name": said.name or said.domain, "domain": said.domain}
    told = Told(columns={name: value for name, value in own.items() if value is not None}, fields=said.fields)
    if account is None:
        account = create_account(told=told, by=each.bringer, at=at)
    else:
        account = edit_account(account=account, told=told, by=each.bringer, at=at)
    if said.list_name:
        _put_on(each, account, said.list_name, at)
    ImportedCompany.objects.get_or_create(of=each, account=account, defaults={"is_made": is_new})


def _put_on(each: Import, account: Account, name: str, at: datetime) -> None:
    """Put a company on a list where it is not on it, and write down that the file says so."""
    on = ListMember.objects.filter(list=name, account=account, to_at=None)
    is_new = not on.exists()
    if is_new:
        add_list_member(name=name, account=account, by=each.bringer, at=at)
    ImportedFact.objects.get_or_create(of=each, member=on.earliest("id"), defaults={"is_made": is_new})


@transaction.atomic
def take_back_company(*, each: Import, at: datetime) -> int:
    """Take back what a file did to the next company, and return how many those are; 0: it is done."""
    row = ImportedCompany.objects.select_related("account").filter(of=each, result=TakenBack.NOT_YET).order_by("id").first()
    if row is None:
        return 0
    with connection.cursor() as cursor:
        lock_staff(cursor, row.account_id)  # so that no other file says the same meanwhile
    listed = ["listed"] * _off_lists(each, row.account, at)
    files = files_of(row.account, each)
    if _is_gone(row.account, each):
        row.result, row.left = TakenBack.GONE, []
        # It stayed because of this file when those that were taken back before were.
        ImportedCompany.objects.filter(account=row.account).exclude(result=TakenBack.NOT_YET).update(result=TakenBack.GONE, left=[])
    elif row.is_made:
        row.result, row.left = TakenBack.LEFT, ["file" if files.is_named else "used", *listed]
    else:
        row.left = [*_values_back(row.account, each.bringer, files.not_makers, at), *listed]
        row.result = TakenBack.LEFT if row.left else TakenBack.BACK
    row.save(update_fields=["result", "left"])
    return 1


def _off_lists(each: Import, account: Account, at: datetime) -> bool:
    """Take a company off the lists that files put it on, once none says so any more; return whether another one does."""
    is_shared = False
    for fact in ImportedFact.objects.filter(of=each, member__account=account).select_related("member"):
        said, member = ImportedFact.objects.filter(member=fact.member), fact.member
        is_ours = said.filter(is_made=True).exists() and member is not None and member.to_at is None  # else it is somebody's, or over
        fact.result = TakenBack.BACK
        if is_ours and said.exclude(of=each).filter(result=TakenBack.NOT_YET).exists():
            is_shared, fact.result, fact.left = True, TakenBack.LEFT, ["said"]
        elif is_ours and member is not None:
            remove_list_member(name=member.list, account=account, by=undone_by(each.bringer), at=at)
            fact.result = TakenBack.GONE
        fact.save(update_fields=["result", "left"])
    return is_shared


def _is_gone(account: Account, each: Import) -> bool:
    """Take a company back that files made, all of them taken back, and nothing else needs; say whether that was so."""
    free, writers = unneeded(unnamed_accounts([account.pk]), each)
    with connection.cursor() as cursor:
        return bool(take_back_accounts(cursor, free, writers, now_known(cursor)))


def _values_back(account: Account, bringer: str, writers: Collection[str], at: datetime) -> list[str]:
    """Give a company the values it had, and return the names of those that stay."""
    values, later = company_values(account, bringer, writers)
    own = columns("account")
    told = Told({name: value for name, value in values.items() if name in own}, {k: v for k, v in values.items() if k not in own})
    try:
        if values:
            edit_account(account=account, told=told, by=undone_by(bringer), at=at)
    except (FaultyValues, Refused):
        return sorted({*later, *values})  # such as a domain that is another company's by now
    return later
