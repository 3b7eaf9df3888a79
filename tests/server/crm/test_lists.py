"""Lists: emptied, renamed; the past stays as it was."""

from typing import Any

import pytest

from tests.server.crm.test_accounts import identify
from tests.server.world import AT, MODEL, audited, leads, make_account, make_live, make_source, send
from vaglio.dates import to_microseconds
from vaglio_server.crm.actions import Members, add_leads_to_list, add_list_member, empty_list, list_called, move_list
from vaglio_server.crm.models import Lead, ListMember
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")
READING = MODEL.replace("  letters:", "    - {id: wanted, kind: list_member, list: targets, points: 25}\n  letters:")


def people_on_a_list() -> tuple[Any, Any, Any]:
    """Anna, on the list of targets; Bruno at Acme, which is on it; Carla, who is not."""
    acme = make_account()
    mails = {"anna": "anna@zeta.example", "bruno": "bruno@acme.example", "carla": "carla@beta.example"}
    send(make_source(), *(identify(name, mail) for name, mail in mails.items()))
    anna, bruno, carla = (leads()[mail] for mail in mails.values())
    add_list_member(name="targets", lead=anna, by="test", at=AT)
    add_list_member(name="targets", account=acme, by="test", at=AT)
    Lead.objects.update(due_at=None)
    return anna, bruno, carla


def on(name: str) -> set[tuple[int | None, int | None]]:
    return set(ListMember.objects.filter(list=name, to_at=None).values_list("lead", "account"))


def due() -> set[int]:
    return set(Lead.objects.filter(due_at__isnull=False).values_list("pk", flat=True))


def test_everybody_is_taken_off_from_now_on() -> None:
    anna, bruno, _carla = people_on_a_list()
    assert empty_list(name="targets", by="marta", at=AT) == Members(1, 1)
    assert on("targets") == set() and due() == {anna.pk, bruno.pk}
    ended = ListMember.objects.filter(list="targets")
    assert ended.count() == 2 and all(each.from_at < each.to_at for each in ended)  # that they were on it stays known
    assert audited("empty_list") == [("marta", "list:targets")]
    with pytest.raises(Refused, match="Nobody is on the list targets"):
        empty_list(name="targets", by="marta", at=AT)
    assert len(audited("empty_list")) == 1


def test_everybody_moves_and_the_old_name_keeps_the_past() -> None:
    anna, bruno, carla = people_on_a_list()
    before = on("targets")
    assert move_list(name="targets", to="wanted_firms", by="marta", at=AT) == Members(1, 1)
    assert (on("targets"), on("wanted_firms")) == (set(), before)
    assert due() == {anna.pk, bruno.pk} and carla.pk not in due()
    ends, begins = (set(ListMember.objects.filter(list=name).values_list(which, flat=True)) for name, which in
                    (("targets", "to_at"), ("wanted_firms", "known_at")))  # fmt: skip
    assert ends == begins and len(ends) == 1  # at one instant: nobody is on both, nobody on neither
    assert audited("rename_list") == [("marta", "list:wanted_firms")]


def test_it_rejects_a_name_that_is_in_use_or_its_own() -> None:
    anna, _bruno, carla = people_on_a_list()
    add_leads_to_list(name="friends", leads=[carla.pk], by="test", at=AT)
    in_use, own, empty = ("targets", "friends", "with somebody on it"), ("targets", "targets", "already"), ("nobody", "x", "Nobody is on")
    for name, to, why in (in_use, own, empty):
        with pytest.raises(Refused, match=why):
            move_list(name=name, to=to, by="marta", at=AT)
    assert (anna.pk, None) in on("targets") and on("friends") == {(carla.pk, None)} and audited("rename_list") == []


def test_a_past_score_saw_them_on_it_and_replays() -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    anna, _bruno, _carla = people_on_a_list()
    version = make_live(READING)
    with a_scorer() as scorer:
        for empties in (lambda: move_list(name="targets", to="friends", by="marta", at=AT), None):
            score_due(scorer=scorer, limit=100)
            if empties:
                empties()
        stored = list(Score.objects.filter(lead=anna).order_by("as_of"))
        assert [each.profile_millipoints for each in stored] == [25_000, 0]
        for each in stored:
            at = Instants(to_microseconds(each.as_of), to_microseconds(each.known_at))
            assert scorer.replay(document_of(version.text), anna.pk, at)["profile_millipoints"] == each.profile_millipoints


@pytest.mark.parametrize("text", ["", "  ", ":", "!!!", "2026 fair", "会社", "VIP 会社", "x" * 101, "\x00"])
def test_no_verb_makes_a_list_of_a_name_that_is_none(text: str) -> None:
    anna, _bruno, _carla = people_on_a_list()
    verbs = (
        lambda: add_list_member(name=text, lead=anna, by="test", at=AT),
        lambda: add_leads_to_list(name=text, leads=[anna.pk], by="test", at=AT),
        lambda: move_list(name="targets", to=text, by="test", at=AT),
    )
    for verb in verbs:
        with pytest.raises(Refused, match="is no name of a list: give it letters and digits") as refused:
            verb()
        assert "\x00" not in str(refused.value)
    assert set(ListMember.objects.values_list("list", flat=True)) == {"targets"}


def test_a_text_means_the_same_list_everywhere_and_lists_of_before_stay_in_use() -> None:
    anna, _bruno, carla = people_on_a_list()
    texts = ("VIP-Clients", "vip clients", "VipClients", "Vip_Clients ")
    assert {list_called(text) for text in texts} == {"vip_clients"} and list_called("Città d'arte") == "citta_d_arte"
    for name in ("VIP", "a:b", "2026_fair", "vip-clients"):
        ListMember.objects.create(list=name, lead=anna, known_at=AT)
    assert [list_called(text) for text in ("VIP", "a:b", "2026 fair", "VIP-Clients")] == ["VIP", "a:b", "2026_fair", "vip-clients"]
    add_list_member(name="2026_fair", lead=carla, by="test", at=AT)
    assert on("2026_fair") == {(anna.pk, None), (carla.pk, None)}


def test_two_names_that_mean_one_list_put_everybody_on_it(tables: Any) -> None:
    from vaglio_server.crm.actions import put_on_lists

    send(make_source(), *({"type": "identify", "userId": each, "traits": {"email": f"{each}@acme.example"}} for each in ("anna", "bob")))
    one, other = (each.pk for each in leads().values())
    put_on_lists(lists={"VIP clients": [one], "vip_clients": [other]}, by="ada", at=AT)
    assert sorted(ListMember.objects.values_list("list", "lead_id")) == [("vip_clients", one), ("vip_clients", other)]
