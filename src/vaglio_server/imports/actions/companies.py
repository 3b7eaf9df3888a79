"""Companies from a file: made or written to by the verbs that people and programs use, and taken back one by one."""

from collections.abc import Collection
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
from vaglio_server.imports.models import Import, ImportedCompany
from vaglio_server.imports.queries import company_values, files_of, known_company
from vaglio_server.refused import Refused
from vaglio_server.tracking.models import AccountKey, Identity, TakenBack
from vaglio_server.tracking.queries import undone_by


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
    lists = _put_on(account, said.list_name, each.bringer, at)
    row, _made = ImportedCompany.objects.get_or_create(of=each, account=account, defaults={"is_made": is_new})
    row.lists = sorted({*row.lists, *lists})
    row.save(update_fields=["lists"])


def _put_on(account: Account, name: str | None, by: str, at: datetime) -> list[str]:
    """Put a company on a list where it is not on it, and return which that was."""
    if name is None or ListMember.objects.filter(list=name, account=account, to_at=None).exists():
        return []
    add_list_member(name=name, account=account, by=by, at=at)
    return [name]


@transaction.atomic
def take_back_company(*, each: Import, at: datetime) -> int:
    """Take back what a file did to the next company, and return how many those are; 0: it is done."""
    row = ImportedCompany.objects.select_related("account").filter(of=each, result=TakenBack.NOT_YET).order_by("id").first()
    if row is None:
        return 0
    by = undone_by(each.bringer)
    for name in row.lists:
        if ListMember.objects.filter(list=name, account=row.account, to_at=None).exists():
            remove_list_member(name=name, account=row.account, by=by, at=at)
    files = files_of(row.account, each)
    if not files.is_named and _is_gone(row.account, files.writers):
        row.result, row.left = TakenBack.GONE, []
        # It stayed because of this file when those that were taken back before were.
        ImportedCompany.objects.filter(account=row.account).exclude(result=TakenBack.NOT_YET).update(result=TakenBack.GONE, left=[])
    elif row.is_made:
        row.result, row.left = TakenBack.LEFT, ["file" if files.is_named else "used"]
    else:
        row.left = _values_back(row.account, each.bringer, files.not_makers, at)
        row.result = TakenBack.LEFT if row.left else TakenBack.BACK
    row.save(update_fields=["result", "left"])
    return 1


def _is_gone(account: Account, writers: Collection[str]) -> bool:
    """Take a company back that files made, all of them taken back, and nothing else needs; say whether that was so."""
    if AccountKey.objects.filter(account=account).exists() or Identity.objects.filter(account=account).exists():
        return False
    with connection.cursor() as cursor:
        lock_staff(cursor, account.pk)
        return bool(take_back_accounts(cursor, [account.pk], writers, now_known(cursor)))


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
