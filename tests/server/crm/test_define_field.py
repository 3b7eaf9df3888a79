"""Fields are defined, changed and retired."""

import pytest

from tests.server.world import AT, audited, make_account, make_field
from vaglio_server.crm.actions import FaultyValues, FieldTaken, NewField, Told, change_field, define_field, edit_account, retire_field
from vaglio_server.crm.models import FieldDefinition
from vaglio_server.crm.queries import fields_of
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    tier = make_field("account", "tier", "choice", ("Gold", " Silver ", "gold"))
    assert (tier.label, tier.choices) == ("Tier", ["Gold", "Silver"])
    change_field(field=tier, label="Our tier", choices=["Bronze", "GOLD"], by="test", at=AT)
    found = fields_of("account")["tier"]
    assert (found.label, found.choices, found.is_retired) == ("Our tier", ("Gold", "Silver", "Bronze"), False)
    assert "tier" not in fields_of("lead") and "employees" in fields_of("lead")
    acme = make_account(tier="bronze")
    retire_field(field=tier, by="test", at=AT)
    with pytest.raises(FaultyValues, match="tier: was retired"):
        make_account(tier="Gold", domain="b.example")
    assert edit_account(account=acme, told=Told(fields={"city": "Roma"}), by="test", at=AT).fields["tier"] == "Bronze"
    assert "tier" not in edit_account(account=acme, told=Told(fields={"tier": None}), by="test", at=AT).fields
    for verb in ("define_field", "change_field", "retire_field"):
        assert audited(verb) == [("test", f"field:{tier.pk}")]


def test_a_retired_field_comes_back_with_its_kind_and_its_choices() -> None:
    tier = make_field("account", "tier", "choice", ("Gold",))
    retire_field(field=tier, by="test", at=AT)
    with pytest.raises(Refused, match="retired already"):
        retire_field(field=tier, by="test", at=AT)
    with pytest.raises(FieldTaken, match="was of kind choice"):
        make_field("account", "tier", "string")
    again = make_field("account", "tier", "choice", ("Silver",))
    assert (again.pk, again.choices, again.retired_at) == (tier.pk, ["Gold", "Silver"], None)


@pytest.mark.parametrize(
    ("field", "faulty"),
    [
        (NewField("user", "x", "X", "string"), ["subject"]),
        (NewField("lead", "Not So", " ", "text"), ["name", "kind", "label"]),
        (NewField("lead", "x", "X" * 101, "string"), ["label"]),
        (NewField("lead", "x", "a\x00", "string"), ["label"]),
        (NewField("lead", "x", "X", "choice"), ["choices"]),
        (NewField("lead", "x", "X", "choice", ["a", ""]), ["choices"]),
        (NewField("lead", "x", "X", "choice", [str(n) for n in range(501)]), ["choices"]),
        (NewField("lead", "x", "X", "string", ["a"]), ["choices"]),
    ],
)
def test_it_rejects_what_does_not_fit(field: NewField, faulty: list[str]) -> None:
    with pytest.raises(FaultyValues) as found:
        define_field(field=field, by="test", at=AT)
    assert [fault.partition(":")[0] for fault in found.value.faults] == faulty
    assert not FieldDefinition.objects.exists()


@pytest.mark.parametrize(
    ("subject", "name"), [("lead", "email"), ("account", "domain"), ("opportunity", "amount"), ("contact", "owner_id"), ("lead", "rating")]
)
def test_it_rejects_names_that_are_taken(subject: str, name: str) -> None:
    with pytest.raises(FieldTaken, match="from the start"):
        make_field(subject, name)
    make_field("lead", "tier")
    with pytest.raises(FieldTaken, match="already a field"):
        make_field("lead", "tier")


def test_it_rejects_choices_of_what_has_none() -> None:
    with pytest.raises(FaultyValues, match="kind string has none"):
        change_field(field=make_field("lead", "tier"), choices=["a"], by="test", at=AT)
