"""A model is a contract: two sides sign a version, two people, and what was live is live once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.web.people import make_people
from tests.server.world import AT, MODEL, make_live

LATER = AT + timedelta(days=1)


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return make_people()


@pytest.fixture
def draft(people: Any) -> Any:
    from vaglio_server.scoring.actions import push_model

    return push_model(text=MODEL, by="marta", at=AT)


def sign(version: Any, side: str, user: Any) -> Any:
    from vaglio_server.scoring.actions import sign_version
    from vaglio_server.scoring.models import Side

    return sign_version(version=version, side=Side(side), user=user, at=LATER)


def unsign(version: Any, side: str, user: Any) -> None:
    from vaglio_server.scoring.actions import unsign_version
    from vaglio_server.scoring.models import Side

    unsign_version(version=version, side=Side(side), user=user, at=LATER)


def signed_at(version: Any) -> Any:
    version.refresh_from_db()
    return version.signed_at


def trail() -> list[tuple[str, str, Any]]:
    from vaglio_server.users.models import AuditEntry

    found = AuditEntry.objects.filter(verb__in=("sign_version", "unsign_version")).order_by("id")
    return [(entry.by, entry.verb, entry.detail["side"]) for entry in found]


def test_a_version_is_signed_once_both_sides_have_signed_it(people: Any, draft: Any) -> None:
    sign(draft, "marketing", people["marta"])
    assert signed_at(draft) is None
    sign(draft, "sales", people["luca"])
    assert signed_at(draft) == LATER
    assert trail() == [("marta", "sign_version", "marketing"), ("luca", "sign_version", "sales")]


@pytest.mark.parametrize(("side", "who"), [("sales", "marta"), ("marketing", "luca"), ("marketing", "vera"), ("sales", "vera")])
def test_nobody_signs_for_the_other_side(people: Any, draft: Any, side: str, who: str) -> None:
    from vaglio_server.refused import Refused

    with pytest.raises(Refused, match="cannot sign for"):
        sign(draft, side, people[who])


def test_one_person_is_not_both_sides(people: Any, draft: Any) -> None:
    from vaglio_server.refused import Refused

    sign(draft, "sales", people["ada"])
    with pytest.raises(Refused, match="somebody else must sign for marketing"):
        sign(draft, "marketing", people["ada"])
    with pytest.raises(Refused, match="signed for sales already"):
        sign(draft, "sales", people["luca"])
    assert signed_at(draft) is None and len(trail()) == 1


def test_a_signature_is_taken_back_by_whoever_gave_it_or_an_administrator(people: Any, draft: Any) -> None:
    from vaglio_server.refused import Refused

    sign(draft, "marketing", people["marta"])
    people["luca"].first_name, people["luca"].last_name = "Luca", "Rinaldi"
    people["luca"].save()
    sign(draft, "sales", people["luca"])
    with pytest.raises(Refused, match="only Luca Rinaldi or an administrator"):
        unsign(draft, "sales", people["marta"])
    assert signed_at(draft) == LATER
    unsign(draft, "sales", people["luca"])
    assert signed_at(draft) is None
    unsign(draft, "marketing", people["ada"])
    with pytest.raises(Refused, match="is not signed for marketing"):
        unsign(draft, "marketing", people["ada"])
    sign(draft, "sales", people["luca"])
    sign(draft, "marketing", people["marta"])
    assert signed_at(draft) == LATER


def test_a_changed_text_is_another_version_to_be_signed_again(people: Any) -> None:
    first = make_live()
    sign(first, "marketing", people["marta"])
    sign(first, "sales", people["luca"])
    second = make_live(MODEL.replace("points: 60", "points: 55"))
    assert signed_at(second) is None and signed_at(first) == LATER


def test_what_is_over_is_neither_signed_nor_made_live_again(people: Any) -> None:
    """A version that lived twice would not say when: what it said in its first life could not be replayed."""
    from vaglio_server.refused import Refused
    from vaglio_server.scoring.actions import activate_version
    from vaglio_server.scoring.queries import versions_at

    first = make_live()
    sign(first, "sales", people["luca"])
    first.refresh_from_db()
    lived = first.live_from
    make_live(MODEL.replace("points: 60", "points: 55"))
    with pytest.raises(Refused, match="is over; sign the one"):
        sign(first, "marketing", people["marta"])
    with pytest.raises(Refused, match="stays as it was"):
        unsign(first, "sales", people["luca"])
    with pytest.raises(Refused, match="was live and is over; push its text again"):
        activate_version(version=first, by="marta", at=datetime.now(UTC))
    assert [version.number for version in versions_at(lived)] == [1]
    again = make_live()
    assert again.number == 3 and [version.number for version in versions_at(again.live_from)] == [3]


def test_a_text_whose_version_is_over_is_a_new_version(people: Any) -> None:
    """Versions could live twice once: where the newest one is over, its text could be pushed for ever and was never live again."""
    from vaglio_server.scoring.models import ModelVersion

    first, second = make_live(), make_live(MODEL.replace("points: 60", "points: 55"))
    ModelVersion.objects.filter(pk=second.pk).update(live_to=AT)
    ModelVersion.objects.filter(pk=first.pk).update(live_to=None)
    again = make_live(second.text)
    assert again.number == 3 and again.is_live


def test_only_what_is_signed_goes_live_where_that_is_asked(people: Any, draft: Any) -> None:
    from vaglio_server.refused import Refused
    from vaglio_server.scoring.actions import activate_version

    sign(draft, "marketing", people["marta"])
    sign(draft, "sales", people["luca"])
    draft.refresh_from_db()
    unsign(draft, "sales", people["luca"])
    assert draft.signed_at is not None, "as a page that was shown before says"
    with pytest.raises(Refused, match="not signed by both sides"):
        activate_version(version=draft, by="marta", at=LATER, only_signed=True)
    assert activate_version(version=draft, by="marta", at=LATER).is_live
