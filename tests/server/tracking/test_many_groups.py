"""Many group calls at once: as if they had come one by one, at the cost of a few."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.server.conftest import empty_tables
from tests.server.tracking.test_groups import group, identify
from tests.server.world import history, make_source, post, send, take

pytestmark = pytest.mark.usefixtures("tables")
EXAMPLES = int(os.environ.get("VAGLIO_GROUPS", "6"))
# Who is known: anna has no company, bob and carla came by the mail addresses of two; eva and the devices are nobody yet, but for one.
KNOWN = [identify("anna", "anna@gmail.com", anonymousId="hers"), identify("bob", "bob@acme.com"), identify("carla", "carla@beta.com")]
WHO = [{"userId": "anna"}, {"userId": "bob"}, {"userId": "carla"}, {"userId": "eva"}, {"anonymousId": "hers"}, {"anonymousId": "d1"},
       {"anonymousId": "d2"}]  # fmt: skip
TRAITS: dict[str, Any] = {
    "name": st.sampled_from(["Acme", "Acme Inc", "Beta", ""]),
    "domain": st.sampled_from(["acme.com", "gamma.com"]),
    "website": st.sampled_from(["https://www.beta.com/it", "no site"]),
    "email": st.sampled_from(["info@acme.com", "x@gmail.com"]),
    "employees": st.sampled_from([1, 1.0, True, 2, "2"]),
    "country": st.sampled_from(["Italy", "IT", "Atlantis"]),
    "plan": st.sampled_from(["free", "pro"]),
}
CALLS = st.builds(
    lambda name, traits, who: group(name, traits, **who),
    st.sampled_from(["g-1", "g-2", "g-3", "g-4"]),
    st.fixed_dictionaries({}, optional=TRAITS),
    st.sampled_from(WHO),
)


def written(batches: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Send batches one after the other, each taken before the next, and return all that became of them, whenever it did."""
    from vaglio_server.crm.models import Account, Lead
    from vaglio_server.tracking.models import Identity, RefusedEvent

    empty_tables()
    source = make_source()
    send(source, *KNOWN)
    Lead.objects.update(due_at=None)
    for batch in batches:
        send(source, *batch)
    assert not RefusedEvent.objects.exists()
    place = {account.pk: number for number, account in enumerate(Account.objects.order_by("pk"))}
    names = {str(pk): str(number) for pk, number in place.items()}
    return {
        "accounts": [
            (each.name, each.domain, repr(sorted(each.fields.items())), history(each), sorted(each.keys.values_list("value", flat=True)))
            for each in Account.objects.order_by("pk")
        ],
        "leads": {
            each.links.order_by("pk").first().identity.value: (
                place.get(each.account_id), each.fields, each.due_at is not None,
                [(name, names[value] if name == "account_id" else value) for name, value in history(each)],
            ) for each in Lead.objects.all()
        },
        "devices": {each.value: place.get(each.account_id) for each in Identity.objects.filter(kind="anonymous_id")},
    }  # fmt: skip


@settings(
    max_examples=int(os.environ.get("VAGLIO_GROUPS", "6")), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=st.lists(CALLS, min_size=2, max_size=12))
@example(calls=[group("g-1", {"plan": "free"}, userId="bob"), group("g-1", {"plan": "pro"}, userId="eva"),
                group("g-1", {"plan": "free"}, anonymousId="d1"), group("g-2", {"plan": "pro"}, userId="bob"),
                group("g-2", {"domain": "beta.com", "name": "Beta"}, anonymousId="d1"), group("g-3", {"name": "Beta"}, userId="carla"),
                group("g-4", {"name": "Beta", "domain": "beta.com"}, userId="anna")])  # fmt: skip
@example(calls=[group("g-1", {"domain": "gamma.com"}, userId="anna"), group("g-2", {"domain": "gamma.com", "name": "Gamma"}, userId="eva"),
                group("g-1", {"employees": 1}, anonymousId="d1"), group("g-2", {"employees": 2}, userId="anna")])  # fmt: skip
def test_calls_of_one_request_come_to_the_same_as_one_request_each(calls: list[dict[str, Any]]) -> None:
    assert written([calls]) == written([[call] for call in calls])


def test_hundreds_of_calls_cost_no_more_questions_than_ten() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    source = make_source()

    def asked(*calls: dict[str, Any]) -> int:
        assert post(source, "batch", {"batch": list(calls)}).status_code == 200
        with CaptureQueriesContext(connection) as found:
            take()
        return len(found)

    def groups(first: int, count: int, **who: str) -> list[dict[str, Any]]:
        return [group(f"g-{n}", {"plan": n}, **{name: f"{who[name]}{n}" for name in who}) for n in range(first, first + count)]

    for who in ({"userId": "u"}, {"anonymousId": "d"}):
        asked(*groups(0, 10, **who))
        few = asked(*groups(10, 10, **who))  # of new companies, and of those that are there
        assert asked(*groups(10, 290, **who)) <= few + 4
        assert asked(*groups(0, 300, **who)) <= few + 4
    few = asked(*(identify(f"v{n}", f"v{n}@gmail.com", anonymousId=f"d{n}") for n in range(10)))
    assert asked(*(identify(f"v{n}", f"v{n}@gmail.com", anonymousId=f"d{n}") for n in range(10, 300))) <= few + 4
