"""A draft is discarded and taken back; what was live or is signed is not, and what is discarded is neither signed nor made live."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.web.people import make_people
from tests.server.world import AT, MODEL, make_live

LATER = AT + timedelta(days=1)
OTHER = MODEL.replace("points: 60", "points: 55")


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    people = make_people()
    make_live()
    return people


def push(text: str = OTHER) -> Any:
    from vaglio_server.scoring.actions import push_model

    return push_model(text=text, by="marta", at=AT)


def discard(version: Any) -> Any:
    from vaglio_server.scoring.actions import discard_version

    return discard_version(version=version, by="marta", at=LATER)


def test_a_discarded_draft_leaves_the_lists_and_keeps_its_number(people: Any) -> None:
    from vaglio_server.scoring.actions import restore_version
    from vaglio_server.scoring.queries import newest_drafts, versions_of
    from vaglio_server.studies.queries import all_versions
    from vaglio_server.users.models import AuditEntry

    first, second = push(), push(OTHER.replace("points: 40", "points: 45"))
    assert newest_drafts() == [second]
    discard(second)
    assert discard(second).discarded_at == LATER  # twice is once
    assert newest_drafts() == [first] and second not in all_versions()
    assert push(second.text).number == 4, "the same text again is a draft of its own"
    assert [each.number for each in versions_of("small")] == [4, 3, 2, 1]
    restore_version(version=second, by="marta", at=LATER)
    assert second in all_versions()
    verbs = AuditEntry.objects.filter(verb__in=("discard_version", "restore_version")).order_by("id")
    assert [(each.verb, each.detail["version"]) for each in verbs] == [("discard_version", 3), ("restore_version", 3)]


def test_what_was_live_or_is_signed_is_not_discarded(people: Any) -> None:
    from vaglio_server.refused import Refused
    from vaglio_server.scoring.actions import activate_version, sign_version, unsign_version
    from vaglio_server.scoring.models import ModelVersion, Side

    draft, live = push(), ModelVersion.objects.get(number=1)
    with pytest.raises(Refused, match="was live"):
        discard(live)
    sign_version(version=draft, side=Side.SALES, user=people["luca"], at=AT)
    with pytest.raises(Refused, match="is signed"):
        discard(draft)
    unsign_version(version=draft, side=Side.SALES, user=people["luca"], at=AT)
    activate_version(version=draft, by="marta", at=AT)
    for version in (draft, live):
        with pytest.raises(Refused, match="was live"):
            discard(version)


def test_what_is_discarded_is_neither_signed_nor_made_live(people: Any) -> None:
    from vaglio_server.refused import Refused
    from vaglio_server.scoring.actions import activate_version, sign_version
    from vaglio_server.scoring.models import Side

    draft = push()
    discard(draft)
    with pytest.raises(Refused, match="take it back first"):
        sign_version(version=draft, side=Side.SALES, user=people["luca"], at=AT)
    with pytest.raises(Refused, match="take it back first"):
        activate_version(version=draft, by="marta", at=AT)


def test_a_version_is_called_as_its_text_says_also_one_from_before(people: Any) -> None:
    from importlib import import_module

    from django.apps import apps

    from vaglio_server.scoring.models import ModelVersion

    titled = push(MODEL.replace("name: small", "name: small\ntitle: Small firms"))
    assert str(titled) == "Small firms, version 2"
    ModelVersion.objects.filter(pk=titled.pk).update(title="")
    broken = push(OTHER)
    ModelVersion.objects.filter(pk=broken.pk).update(text="no model")
    import_module("vaglio_server.scoring.migrations.0008_remarks").read_titles(apps, None)
    assert [str(each) for each in ModelVersion.objects.order_by("number")] == [
        "small version 1",
        "Small firms, version 2",
        "small version 3",
    ]
