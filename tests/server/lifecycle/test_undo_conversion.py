"""A conversion is taken back within a day: all of it, or none with the reason."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.lifecycle.test_convert import MINUTE, convert, named, people  # noqa: F401
from tests.server.lifecycle.world import NOW, stage, verbs
from tests.server.world import audited, history, make_account, make_contact, make_field, make_opportunity
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
HOUR = timedelta(hours=1)


def undo(made: Any, at: Any = NOW + HOUR) -> Any:
    from vaglio_server.lifecycle.actions import undo_conversion

    return undo_conversion(conversion=made, by="luca", at=at)


def test_what_it_made_is_gone_and_the_lead_waits_again(people: dict[str, Any]) -> None:  # noqa: F811
    from vaglio_server.crm.models import Account, Contact, Opportunity
    from vaglio_server.lifecycle.models import Happening, SlaClock
    from vaglio_server.lifecycle.queries import inbox

    lead = named(people["luca"])
    made = convert(lead, people["luca"], key="k")
    undone = undo(made)
    assert undo(made, NOW + 2 * HOUR).undone_at == undone.undone_at == NOW + HOUR  # said twice it is the same
    assert [each.objects.present().count() for each in (Contact, Account, Opportunity)] == [0, 0, 0]
    assert not Opportunity.objects.visible_to(people["luca"]).exists()
    lead.refresh_from_db()
    assert lead.account is None and stage(lead) == "marketing_qualified" and verbs(lead)[-1] == "unconvert"
    assert not lead.outcomes.present().exists()  # the verdict was part of it
    clock = SlaClock.objects.get()
    assert clock.met_at is None and clock.ended_at is None and [each.lead for each in inbox(people["luca"], NOW + HOUR, 9).rows] == [lead]
    told = Happening.objects.get(kind="conversion.undone")
    assert told.detail["contact_id"] == made.contact_id and audited("undo_conversion") == [("luca", f"lead:{lead.pk}")]
    # The same key is that conversion for ever; without one the lead is converted anew, at a company of the same domain.
    assert convert(lead, people["luca"], key="k", at=NOW + 3 * HOUR).undone_at is not None
    again = convert(lead, people["luca"], at=NOW + 3 * HOUR)
    assert again.pk != made.pk and again.account.domain == "acme.example" and stage(lead) == "opportunity"
    assert list(lead.outcomes.present().values_list("outcome", flat=True)) == ["accepted"]


def test_what_was_there_is_as_it_was(people: dict[str, Any]) -> None:  # noqa: F811
    from vaglio_server.lifecycle.actions import Wish, accept_lead

    acme = make_account(industry="steel")
    anna, suite = make_contact(acme, job_title="CEO"), make_opportunity(acme, people["luca"])
    lead = named(people["luca"])
    accept_lead(lead=lead, seller=people["luca"], at=NOW)
    before = (acme.fields, anna.fields, suite.fields)
    made = convert(lead, people["luca"], Wish(opportunity=suite.pk))
    for each in (acme, anna, suite):
        each.refresh_from_db()
    assert (acme.fields, anna.fields, suite.fields) != before and made.made == []
    undo(made)
    for each in (acme, anna, suite, lead):
        each.refresh_from_db()
    assert (acme.fields, anna.fields, suite.fields) == before
    assert (anna.lead, anna.owner, lead.account, suite.people.count()) == (None, None, None, 0)
    assert ("employees", None) in history(acme) and ("lead_id", None) in history(anna)
    assert stage(lead) == "sales_accepted" and lead.outcomes.present().count() == 1  # its verdict came before


def test_a_field_that_is_called_says_is_a_field(people: dict[str, Any]) -> None:  # noqa: F811
    from vaglio_server.lifecycle.actions import Wish, add_to_opportunity

    for subject in ("lead", "opportunity"):
        make_field(subject, "says")
    suite = make_opportunity(make_account(), people["luca"])
    anna = make_contact(suite.account)
    add_to_opportunity(opportunity=suite, contact=anna, by="luca", at=NOW)
    made = convert(named(people["luca"], says="yes"), people["luca"], Wish(opportunity=suite.pk))
    suite.refresh_from_db()
    assert suite.fields["says"] == "yes"
    undo(made)
    suite.refresh_from_db()
    assert "says" not in suite.fields and suite.people.get().contact == anna


def _note(made: Any) -> None:
    from vaglio_server.crm.actions import add_note

    add_note(about=made.contact, text="called", by="luca", at=NOW)


def _edit(made: Any) -> None:
    from vaglio_server.crm.actions import Told, edit_opportunity

    edit_opportunity(opportunity=made.opportunity, told=Told({"stage": "Proposal"}), by="luca", at=NOW)


def _role(made: Any) -> None:
    from vaglio_server.crm.actions import set_opportunity_contact

    set_opportunity_contact(opportunity=made.opportunity, contact=made.contact, role="champion", by="luca", at=NOW)


def _campaign(made: Any) -> None:
    from vaglio_server.campaigns.actions import add_members, create_campaign

    add_members(campaign=create_campaign(values={"name": "Fair"}, by="m", at=NOW), contacts=[made.contact_id], by="m", at=NOW)


def _move(made: Any) -> None:
    from vaglio_server.lifecycle.actions import Why, move_lead

    move_lead(lead=made.lead, verb="recycle", why=Why("not_now"), by="luca", at=NOW + 2 * MINUTE)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (_note, "the contact has a note"),
        (_edit, "stage of the opportunity changed since"),
        (_role, "the contact has a role"),
        (_campaign, "the contact is in a campaign"),
        (_move, "the lead is recycled since"),
        (lambda made: make_contact(made.account, email="b@acme.example"), "the company has other contacts"),
        (lambda made: make_opportunity(made.account), "the company has other opportunities"),
    ],
)
def test_it_rejects_what_something_was_built_on(people: dict[str, Any], build: Any, said: str) -> None:  # noqa: F811
    from vaglio_server.crm.models import Contact

    lead = named(people["luca"])
    made = convert(lead, people["luca"])
    build(made)
    before = stage(lead)
    with pytest.raises(Refused, match=f"cannot be undone: .*{said}"):
        undo(made)
    assert stage(lead) == before and Contact.objects.present().filter(pk=made.contact_id).exists()


def test_it_rejects_what_is_older_than_a_day(people: dict[str, Any]) -> None:  # noqa: F811
    made = convert(named(people["luca"]), people["luca"])
    with pytest.raises(Refused, match="older than a day"):
        undo(made, NOW + 25 * HOUR)
    assert undo(made, NOW + 24 * HOUR).undone_at is not None


def test_who_had_no_owner_is_nobodys_again(people: dict[str, Any]) -> None:  # noqa: F811
    from vaglio_server.lifecycle.models import Seller

    for name in ("luca", "irina", "jonas"):
        Seller.objects.create(user=people[name], capacity=0)
    lead = named()
    undo(convert(lead, people["jonas"]))
    lead.refresh_from_db()
    assert lead.owner is None
