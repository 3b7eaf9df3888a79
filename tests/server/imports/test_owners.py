"""Whose leads are, from a file: users by name or mail address, others named and kept as a text; taken back in any order."""

from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.imports.test_undo import brought, score, undo
from tests.server.web.people import signed_in
from tests.server.web.reading import read
from tests.server.world import AT, history, leads, make_live, make_source, send

FILE = (
    "Lead ID,First Name,Email,Title,Lead Owner\n1,Anna,anna@acme.example,CTO,Luca\n2,Dan,dan@zeta.example,CTO,LUCA@vaglio.example\n"
    "3,Eva,eva@zeta.example,CTO,Nora Nowhere\n4,Gaia,gaia@zeta.example,CTO,\n5,Ugo,ugo@zeta.example,CTO,Nora Nowhere\n"
)
OTHER = "Email,Lead Owner\nanna@acme.example,{owner}\n"


def user(name: str) -> Any:
    from vaglio_server.users.models import User

    return User.objects.get(username=name)


def owners() -> dict[str, str | None]:
    from vaglio_server.crm.models import Lead

    return {str(lead.fields["email"]).partition("@")[0]: lead.owner.username if lead.owner else None
            for lead in Lead.objects.present().select_related("owner")}  # fmt: skip


def give(name: str | None, mail: str = "anna@acme.example") -> None:
    from vaglio_server.crm.actions import assign_leads

    assign_leads(leads=[leads()[mail].pk], owner=user(name) if name else None, by="marta", at=AT)


def test_leads_have_the_owners_that_a_file_names(marta: Any) -> None:  # noqa: F811
    made = upload(marta, FILE)
    assert made.columns == ["external_id", "first_name", "email", "job_title", "owner"]
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "Nora Nowhere" in page and "2 rows: nobody here is called so" in page and "1 row: luca's" in page
    mapped(marta, made)
    run()
    assert state(made) == ("done", 5, 5, 0, 0)
    assert owners() == {"anna": "luca", "dan": "luca", "eva": None, "gaia": None, "ugo": None}
    assert leads()["eva@zeta.example"].fields["lead_owner"] == "Nora Nowhere"
    assert "lead_owner" not in leads()["anna@acme.example"].fields
    assert ("owner_id", str(user("luca").pk)) in history(leads()["anna@acme.example"])
    assert made.strangers == {"Nora Nowhere": [2, 0]}
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "where=lead.lead_owner:is:Nora%20Nowhere" in page
    found = read(marta.get("/leads?where=lead.lead_owner:is:Nora%20Nowhere"))
    assert "Eva" in found and "Ugo" in found and "Anna" not in found
    mine = read(signed_in(user("luca")).get("/leads?owner=mine"))
    assert "Anna" in mine and "Dan" in mine and "Eva" not in mine
    assert "owner luca" in read(marta.get(f"/leads/{leads()['anna@acme.example'].pk}/timeline"))


def test_a_name_of_two_users_is_nobodys(marta: Any) -> None:  # noqa: F811
    from vaglio_server.users.models import User

    User.objects.create_user("luca2", email="luca2@vaglio.example", first_name="Luca")
    made = brought(marta, OTHER.format(owner="luca2@vaglio.example").replace("anna", "dan") + "anna@acme.example,Luca\n")
    assert owners()["dan"] == "luca2"
    assert owners()["anna"] is None
    made.refresh_from_db()
    assert made.strangers == {"Luca": [1, 1]}
    assert "1 row, several users are called so" in read(marta.get(f"/imports/{made.pk}"))


@pytest.mark.parametrize(("replaces", "after"), [("keep", "jonas"), ("replace", "luca")])
def test_an_owner_whom_a_person_gave_stays_unless_told(marta: Any, replaces: str, after: str) -> None:  # noqa: F811
    from vaglio_server.users.models import AuditEntry

    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example"}})
    give("jonas")
    made = upload(marta, FILE)
    mapped(marta, made, owners=replaces)
    run()
    assert owners()["anna"] == after
    assert AuditEntry.objects.filter(verb="say_owners", subject=f"import:{made.pk}").count() == (replaces == "replace")
    undo(made)
    assert owners() == {"anna": "jonas"}


def test_an_owner_from_before_owners_had_a_history_comes_back(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Lead

    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example"}})
    Lead.objects.update(owner=user("jonas"))
    made = upload(marta, FILE)
    mapped(marta, made, owners="replace")
    run()
    assert owners()["anna"] == "luca"
    undo(made)
    assert owners() == {"anna": "jonas"}


def test_an_owner_from_a_file_follows_the_next_file_and_the_same_file_again_changes_nothing(marta: Any) -> None:  # noqa: F811
    brought(marta, FILE)
    before = history(leads()["anna@acme.example"])
    again = brought(marta, FILE)
    assert state(again) == ("done", 5, 0, 5, 0)
    assert history(leads()["anna@acme.example"]) == before
    brought(marta, OTHER.format(owner="jonas"))
    assert owners()["anna"] == "jonas"
    give("luca")
    brought(marta, OTHER.format(owner="jonas"))
    assert owners()["anna"] == "luca"  # a person's word


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (0, 2, 1), (2, 0, 1)])
def test_the_former_owner_comes_back_in_whatever_order_files_are_taken_back(marta: Any, order: tuple[int, ...]) -> None:  # noqa: F811
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example"}})
    give("luca")
    files = []
    for owner in ("jonas", "marta", "jonas"):
        made = upload(marta, OTHER.format(owner=owner))
        mapped(marta, made, owners="replace")
        run()
        files.append(made)
    left = [0, 1, 2]
    for place in order:
        undo(files[place])
        left.remove(place)
        assert owners()["anna"] == (["jonas", "marta", "jonas"][left[-1]] if left else "luca")


def test_who_was_given_to_somebody_later_stays_and_is_listed(marta: Any) -> None:  # noqa: F811
    from vaglio_server.tracking.models import BroughtLead

    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example"}})
    made = brought(marta, FILE)
    give("jonas")
    give("jonas", "dan@zeta.example")
    undo(made)
    assert owners() == {"anna": "jonas", "dan": "jonas"}
    left = {row.lead.fields["email"]: row.left for row in BroughtLead.objects.filter(result="left").select_related("lead")}
    assert left == {"anna@acme.example": ["owner_id"], "dan@zeta.example": ["owner"]}
    assert "its owner was chosen later" in read(marta.get(f"/imports/{made.pk}"))


def test_past_scores_replay(marta: Any) -> None:  # noqa: F811
    from datetime import UTC, datetime

    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.scorers import a_scorer

    make_live()
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example", "title": "Clerk"}})
    score()
    made = brought(marta, FILE)
    score()
    undo(made)
    score()
    with a_scorer() as scorer:
        checked = recheck(scorer=scorer, sample=100, by="test", at=datetime.now(UTC))
    assert (checked.different, checked.checked >= 6) == ([], True)


def test_events_do_not_say_whose_leads_are(marta: Any) -> None:  # noqa: F811
    luca = user("luca").pk
    traits = {"email": "anna@acme.example", "ownerId": luca}
    send(make_source(), {"type": "identify", "owner": {"user": luca, "replaces": True}, "traits": traits})
    assert owners() == {"anna": None}
    assert leads()["anna@acme.example"].fields == {"email": "anna@acme.example", "owner_reference": luca}
    made = brought(marta, FILE)
    undo(made)
    assert owners() == {"anna": None}


def text_of(mail: str) -> Any:
    return leads()[mail].fields.get("lead_owner")


def test_the_text_of_an_unknown_owner_goes_once_the_lead_has_one(marta: Any) -> None:  # noqa: F811
    made = brought(marta, FILE)
    assert text_of("eva@zeta.example") == text_of("ugo@zeta.example") == "Nora Nowhere"
    give("jonas", "eva@zeta.example")
    assert text_of("eva@zeta.example") is None
    assert history(leads()["eva@zeta.example"])[-1] == ("lead_owner", None)
    found = read(marta.get("/leads?where=lead.lead_owner:is:Nora%20Nowhere"))
    assert "Ugo" in found and "Eva" not in found
    give(None, "eva@zeta.example")
    assert text_of("eva@zeta.example") is None
    undo(made)
    assert "eva" not in owners()  # that it was hers for a while keeps nobody


def test_a_file_that_names_the_owner_takes_the_text_away_and_taking_it_back_brings_it_back(marta: Any) -> None:  # noqa: F811
    brought(marta, FILE)
    other = brought(marta, OTHER.format(owner="luca").replace("anna@acme", "eva@zeta"))
    assert (owners()["eva"], text_of("eva@zeta.example")) == ("luca", None)
    undo(other)
    assert (owners()["eva"], text_of("eva@zeta.example")) == (None, "Nora Nowhere")


def test_a_name_is_known_with_the_last_name_first(marta: Any) -> None:  # noqa: F811
    from vaglio_server.imports.queries.owners import owner_in, users_called
    from vaglio_server.users.models import User

    for name, first, last in (("luca", "Luca", "Rinaldi"), ("irina", "Rosa", "Marco"), ("jonas", "Marco", "Rosa"), ("vera", "Ana", "Popa")):
        User.objects.filter(username=name).update(first_name=first, last_name=last)
    users = users_called()

    def called(name: str) -> str | None:
        found = owner_in(users, name)
        return User.objects.get(pk=found).username if found is not None else None

    assert [called(name) for name in ("Luca Rinaldi", "RINALDI  Luca", "Rinaldi, Luca", "Luca,Rinaldi")] == ["luca"] * 4
    assert (called("Rosa Marco"), called("Marco Rosa"), called("Rosa, Marco")) == ("irina", "jonas", "irina")  # each as they are called
    User.objects.filter(username="marta").update(first_name="Ana Popa")
    users = users_called()
    assert called("Popa Ana") == "vera" and called("Ana Popa") is None  # two are called so
