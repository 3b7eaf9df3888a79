"""A lead becomes a contact at a company, perhaps with an opportunity: at once or not at all, and once, however often it is asked for.

Everything that tells whether a record is there already is held before it is looked at, so that two conversions at one time never make it
twice: the lead and everybody at the company, whoever makes contacts, and what becomes known.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import (
    OWNER,
    Change,
    FaultyValues,
    Fitting,
    Place,
    Told,
    column_text,
    first_open_stage,
    lock_places,
    make_account_of,
    now_known,
    owner_before,
    place_lead,
    placed,
    put,
    refuse_gone,
    write_changes_of_each,
)
from vaglio_server.crm.logic.domains import company_domain
from vaglio_server.crm.logic.fields import check_all
from vaglio_server.crm.logic.standard import LEAD_OWNER, columns
from vaglio_server.crm.models import Account, Contact, Lead, Opportunity, Outcome, PipelineStage
from vaglio_server.lifecycle.actions.along import go_along
from vaglio_server.lifecycle.actions.handover import hand_over_to, onward_of
from vaglio_server.lifecycle.actions.happenings import converted, given_by_hand
from vaglio_server.lifecycle.actions.keys import check_key
from vaglio_server.lifecycle.actions.moves import write_moves
from vaglio_server.lifecycle.actions.routing import hold_routing
from vaglio_server.lifecycle.actions.wish import LONGEST_NAME, Wish, check_wish
from vaglio_server.lifecycle.logic.mapping import Given, given
from vaglio_server.lifecycle.logic.sale import sale_name
from vaglio_server.lifecycle.logic.stages import TRANSITIONS, Stage, way_to_convert
from vaglio_server.lifecycle.models import TEAM, Conversion, Made, StageMove
from vaglio_server.lifecycle.queries.ground import Asked, Ground, ground_of, likely_accounts
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import Role, User

TRIES = 5
SALE = ("name", "amount", "currency", "close_date", "stage")  # what is said of a new opportunity
SAYS = "says"  # beside the records that a conversion changed: that its contact has a say in an opportunity that was there
CALLED_BY = ("first_name", "last_name", "name", "email")


class _Elsewhere(Exception):
    """Its company is another one than those whose people are held."""

    def __init__(self, accounts: Collection[int]) -> None:
        super().__init__()
        self.accounts = accounts


@dataclass
class _Work:
    """A conversion while it is made; ``history`` is written at the end."""

    cursor: Any
    ground: Ground
    wish: Wish
    seller: User
    given: Given
    known_at: datetime
    onward: int | None  # the team to which it is handed over
    made: list[str] = field(default_factory=list)
    changed: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    earlier: list[Change] = field(default_factory=list)

    @property
    def lead(self) -> Lead:
        return self.ground.lead

    @property
    def owner(self) -> User | None:
        """Whose the records become that are made."""
        owner = _owner(self.ground, self.seller)
        return User(pk=owner) if owner is not None else None


def convert_lead(*, lead: Lead, wish: Wish | None = None, seller: User, key: str | None = None, at: datetime) -> Conversion:
    """Make a lead a contact at a company, with an opportunity if that is wished. A lead that waits for sales is accepted by that.

    One that is converted already stays so: the conversion is the same, as it is for the same ``key``, even if it was undone since.

    Raises
    ------
    FaultyValues, Refused
        Something does not fit; a record is not there or not the seller's to see; the lead is disqualified, or was merged into another.
    """
    asked = wish or Wish()
    check_key(key)
    check_wish(asked)
    accounts: set[int] = set()
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                return _converted(lead, asked, accounts, seller, key, at)
        except _Elsewhere as found:
            accounts |= set(found.accounts)
    raise Refused(_("the company of this lead changes just now; try again"))


def _converted(lead: Lead, wish: Wish, accounts: Collection[int], seller: User, key: str | None, at: datetime) -> Conversion:
    with connection.cursor() as cursor:
        asked = Asked(lead.pk, _domain_of(lead), _called(lead, wish), wish.account.number, wish.contact.number, wish.opportunity)
        held = likely_accounts(cursor, asked) | set(accounts)
        staff = lock_places(cursor, lead.pk, held)
        ground = ground_of(cursor, asked, held=held, key=key)
        if ground.conversion is not None:
            return Conversion.objects.get(pk=ground.conversion)
        if not ground.is_present:
            refuse_gone(lead.pk)
        opportunity = _opportunity_there(wish, seller)
        contact = _contact_there(ground, wish, seller)
        account = _account_there(ground, wish, opportunity, contact, held)
        _check_place(contact, account)
        pipeline_stage = _first_stage(ground, wish, at)
        verbs = _verbs(ground.stage, with_sale=opportunity is not None or wish.sale is not None)
        gives = given(ground.mapping, ground.lead.fields, ground.definitions)
        onward = _onward(cursor, ground, seller) if "sales_qualify" in verbs else None
        work = _Work(cursor, ground, wish, seller, gives, now_known(cursor), onward)
        account = _put_account(work, account)
        contact = _put_contact(work, contact, account)
        opportunity = _put_opportunity(work, opportunity, pipeline_stage, account)
        made = Conversion(lead=work.lead, contact=contact, account=account, opportunity=opportunity, key=key)
        _put_lead(work, made, staff, at if "accept" in verbs else None)
        write_changes_of_each(cursor, work.history, work.known_at, seller.username, earlier=work.earlier)
        return _put_conversion(work, made, verbs, at)


def _domain_of(lead: Lead) -> str | None:
    return company_domain(str(lead.fields.get("email") or ""))


def _called(lead: Lead, wish: Wish) -> str:
    return wish.account.name or str(lead.fields.get("company") or "")


def _opportunity_there(wish: Wish, seller: User) -> Opportunity | None:
    if wish.opportunity is None:
        return None
    seen = Opportunity.objects.visible_to(seller).select_for_update(no_key=True, of=("self",)).select_related("account")
    found = seen.filter(pk=wish.opportunity).first()
    if found is None:
        raise Refused(_("there is no opportunity {number}, or it is not yours to see").format(number=wish.opportunity))
    if found.outcome != Outcome.OPEN:
        ended = str(found.get_outcome_display()).lower()
        raise Refused(_("{sale} is {outcome}; choose one that is open").format(sale=found, outcome=ended))
    if wish.account.is_another or wish.account.number not in (None, found.account_id):
        raise Refused(_("{sale} is a sale to {company}; convert into that company").format(sale=found, company=found.account))
    return found


def _contact_there(ground: Ground, wish: Wish, seller: User) -> Contact | None:
    """Return the contact that the lead becomes, held; None: a new one. Who surely is the lead is there for every seller."""
    number = None if wish.contact.is_another else wish.contact.number or ground.contact
    if number is None:
        return None
    seen = Contact.objects.present() if number == ground.contact else Contact.objects.visible_to(seller)
    held = seen.select_for_update(no_key=True, of=("self",)).select_related("account")
    found = held.defer("words", "account__words", "account__near").filter(pk=number).first()
    if found is None:
        raise Refused(_("there is no contact {number}, or it is not yours to see").format(number=number))
    return found


def _account_there(
    ground: Ground, wish: Wish, opportunity: Opportunity | None, contact: Contact | None, held: Collection[int]
) -> Account | None:  # fmt: skip
    """Return the company where the contact works, its people held; None: a new one."""
    number = wish.account.number
    if opportunity is not None:
        number = opportunity.account_id
    elif number is None and not wish.account.is_another:
        own = ground.lead.account_id if ground.lead.account_id in ground.accounts else ground.account_by_domain or ground.account_called
        number = own if contact is None or contact.account is None or contact.account.taken_back_at is not None else contact.account.pk
    if number is None:
        return None
    if number not in held or (ground.lead.account_id or number) not in held:
        raise _Elsewhere({each for each in (number, ground.lead.account_id) if each is not None})
    if number not in ground.accounts:
        raise Refused(_("there is no company {number}").format(number=number))
    return ground.accounts[number]


def _check_place(contact: Contact | None, account: Account | None) -> None:
    """Refuse a contact who works elsewhere: they would stay there, and the sale would say otherwise."""
    if contact is None or contact.account_id is None or (account is not None and contact.account_id == account.pk):
        return
    works_at = contact.account
    if works_at is not None and works_at.taken_back_at is None:
        said = _("{contact} works at {company}; convert into that company, or as another contact")
        raise Refused(said.format(contact=contact, company=works_at))


def _first_stage(ground: Ground, wish: Wish, at: datetime) -> PipelineStage | None:
    """Return where a new opportunity stands; held before what becomes known."""
    if wish.sale is None:
        return None
    if ground.first_stage is None:
        return first_open_stage(at=at)
    number, name = ground.first_stage
    return PipelineStage(pk=number, name=name)


def _put(work: _Work, kind: Made, record: Account | Contact | Opportunity, fits: Fitting) -> bool:
    """Write a record, keep its history and what was changed of one that was there, and return whether anything was."""
    is_new = record.pk is None
    before = {name: column_text(getattr(record, name)) for name in (*fits.columns, *(f"{link}_id" for link in fits.links))}
    before |= {name: record.fields.get(name) for name in fits.fields}
    history = put(record, fits, work.known_at)
    work.history += [(kind.value, record.pk, name, value) for name, value in history.items()]
    if is_new:
        work.made.append(kind.value)
    elif history and kind.value not in work.made:
        work.changed[kind.value] = {name: [before[name], value] for name, value in history.items()}
    return bool(history)


def _put_account(work: _Work, account: Account | None) -> Account:
    """Return the company, made or with what it lacked."""
    if account is None:
        return _new_account(work)
    _put(work, Made.ACCOUNT, account, Fitting({}, work.given.of("account", account.fields), {}))
    return account


def _new_account(work: _Work) -> Account:
    fields = work.lead.fields
    domain = _domain_of(work.lead) if work.ground.account_by_domain is None else None
    name = next(filter(None, (" ".join(str(each or "").split()) for each in (work.wish.account.name, fields.get("company"), domain))), "")
    name = (name or work.lead.name)[:LONGEST_NAME]
    own = {"name": name} | ({"domain": domain} if domain else {})
    values = own | work.given.of("account", own)
    account = make_account_of(work.cursor, name, domain, values, work.known_at)
    if account is None:  # an event brought the company meanwhile
        raise _Elsewhere(Account.objects.filter(domain=domain).values_list("pk", flat=True))
    work.made.append(Made.ACCOUNT.value)
    work.history += [(Made.ACCOUNT.value, account.pk, field, value) for field, value in values.items()]
    return account


def _put_contact(work: _Work, contact: Contact | None, account: Account) -> Contact:
    links = {"account": account, "lead": work.lead, "owner": work.owner}
    if contact is None:
        values = work.given.of("contact", {})
        if not any(values.get(name) for name in CALLED_BY):
            raise FaultyValues([f"last_name: {_('a contact needs a name or a mail address; give the lead one first')}"])
        contact = Contact()
        _put(work, Made.CONTACT, contact, Fitting({}, values, links))
    else:
        lacking = {name: its for name, its in links.items() if getattr(contact, f"{name}_id") is None}
        _put(work, Made.CONTACT, contact, Fitting({}, work.given.of("contact", contact.fields), lacking))
    return contact


def _put_opportunity(
    work: _Work, opportunity: Opportunity | None, stage: PipelineStage | None, account: Account
) -> Opportunity | None:  # fmt: skip
    if opportunity is None and work.wish.sale is None:
        return None
    if opportunity is None:
        opportunity = Opportunity()
        _put(work, Made.OPPORTUNITY, opportunity, _new_sale(work, account, stage))
        return opportunity
    held = opportunity.fields | {name: getattr(opportunity, name) for name in columns("opportunity")}
    _put(work, Made.OPPORTUNITY, opportunity, _apart(work.given.of("opportunity", held), {}))
    return opportunity


def _new_sale(work: _Work, account: Account, stage: PipelineStage | None) -> Fitting:
    """Return the values of a new opportunity: what is wished, then what the lead gives."""
    wished = {name: value for name, value in (work.wish.sale or {}).items() if value is not None}
    checked = check_all({name: each for name, each in columns("opportunity").items() if name in SALE}, wished)
    given_so = work.given.of("opportunity", {})
    usual = {"name": sale_name(account.name, work.lead.name)}
    whole = usual | given_so | {name: value for name, value in checked.values.items() if value is not None}
    faults = list(checked.faults)
    if whole.get("amount") is not None and not whole.get("currency"):
        faults.append(f"currency: {_('is missing; an amount needs one, such as EUR')}")
    if faults:
        raise FaultyValues(faults)
    links: dict[str, Any] = {"account": account, "owner": work.owner}
    if "stage" not in whole and stage is not None:
        links["pipeline_stage"] = stage
    told = placed(Opportunity(), Told({name: value for name, value in whole.items() if name in SALE}, {}, links))
    if told.columns.get("outcome", Outcome.OPEN) != Outcome.OPEN:
        raise FaultyValues([f"stage: {_('{stage} ends a sale; a new one is open').format(stage=whole['stage'])}"])
    return _apart(whole | dict(told.columns), told.links)


def _apart(values: Mapping[str, Any], links: Mapping[str, Any]) -> Fitting:
    """Return values of an opportunity, columns and fields apart."""
    own = columns("opportunity")
    here = {name: value for name, value in values.items() if name in own}
    return Fitting(here, {name: value for name, value in values.items() if name not in own}, links)


def _verbs(stage: Stage, *, with_sale: bool) -> list[str]:
    """Return how the lead moves by that."""
    verbs = way_to_convert(stage, with_sale=with_sale)
    if verbs is None:
        raise Refused(_("this lead is disqualified; open it again before it is converted"))
    return list(verbs)


def _owner(ground: Ground, seller: User) -> int | None:
    """Return whose the lead is once it is converted."""
    return ground.lead.owner_id or (seller.pk if seller.role == Role.SALES else None)


def _onward(cursor: Any, ground: Ground, seller: User) -> int | None:
    """Return the team to which the lead goes as it is qualified by that, with routing held: before what becomes known, as all do."""
    onward = onward_of(_owner(ground, seller))
    if onward is not None:
        hold_routing(cursor)
    return onward


def _put_lead(work: _Work, made: Conversion, staff: list[int], accepted_at: datetime | None) -> None:
    """Say where the lead works, and whose it is, where that was not known. People are rated anew: models read companies."""
    lead, changed, account, sale = work.lead, dict[str, list[Any]](), str(made.account_id), made.opportunity_id
    if lead.account_id != made.account_id:
        work.history.append(("lead", lead.pk, "account_id", account))
        changed["account_id"] = [column_text(lead.account_id), account]
    due = set(staff) if changed or Made.ACCOUNT.value in work.changed else set()
    owner = work.seller.pk if lead.owner_id is None and work.seller.role == Role.SALES else None
    is_named = owner is not None and lead.fields.get(LEAD_OWNER) is not None
    if owner is not None:
        changed[OWNER] = [None, str(owner)]
        work.earlier += owner_before(lead.pk, None, work.ground.owner_told)
        work.history.append(("lead", lead.pk, OWNER, str(owner)))
    if is_named:
        work.history.append(("lead", lead.pk, LEAD_OWNER, None))
        due.add(lead.pk)
    place = Place(lead.pk, made.account_id, owner, is_named, sorted(due), accepted_at, made.contact_id, sale)
    is_heard_anew = place_lead(work.cursor, place, work.known_at, work.seller.username)
    if is_heard_anew and Made.OPPORTUNITY.value not in work.made:
        work.changed[SAYS] = {"contact_id": [None, str(made.contact_id)]}
    if changed:
        work.changed["lead"] = changed


def _put_conversion(work: _Work, made: Conversion, verbs: Sequence[str], at: datetime) -> Conversion:
    """Write the conversion and the moves of the lead."""
    by, stage, lead = work.seller.username, work.ground.stage, work.lead
    made.made, made.changed, made.left = work.made, work.changed, work.given.left
    made.mapping, made.stage_before, made.is_accepted = [each.row() for each in work.ground.mapping], stage, "accept" in verbs
    made.converted_at, made.known_at, made.by = at, work.known_at, by
    made.save(force_insert=True)
    taken = given_by_hand([lead.pk], work.seller.pk, by, at) if OWNER in work.changed.get("lead", {}) else []
    write_moves(list(_moves(lead, stage, verbs, by, at)), [*taken, converted(made)], is_in_trail=True)
    if work.onward is not None:
        _hand_over(work, made, work.onward, at)
    into = {"contact": made.contact_id, "account": made.account_id, "opportunity": made.opportunity_id}
    audit(by=by, verb="convert_lead", subject=f"lead:{lead.pk}", at=at, **into, made=work.made, moves=verbs)
    return made


def _hand_over(work: _Work, made: Conversion, onward: int, at: datetime) -> None:
    """Hand the lead over as one that is called sales qualified is; a contact that was made goes along, now or as somebody gets the lead."""
    lead, by = work.lead, work.seller.username
    handed = hand_over_to(lead=lead, team=onward, by=by, at=at, known_at=work.known_at)
    before = None if OWNER in made.changed.get("lead", {}) else column_text(lead.owner_id)
    its = {OWNER: [before, column_text(handed.owner)], TEAM: [handed.team_before, None]}
    made.changed["lead"] = made.changed.get("lead", {}) | its
    made.save(update_fields=["changed"])
    if handed.owner is not None and Made.CONTACT.value in made.made:
        go_along(work.cursor, {lead.pk: made.contact_id}, {lead.pk: handed.owner}, work.known_at, by)


def _moves(lead: Lead, stage: Stage, verbs: Sequence[str], by: str, at: datetime) -> Iterator[StageMove]:
    for verb in verbs:
        after = TRANSITIONS[verb].after
        yield StageMove(lead=lead, verb=verb, before=stage, after=after, at=at, by=by, rating=lead.rating)
        stage = after
