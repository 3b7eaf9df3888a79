"""Teams are made, renamed and removed."""

import pytest

from tests.server.web.people import make_people
from tests.server.world import AT, audited
from vaglio_server.refused import Refused
from vaglio_server.users.actions import TeamTaken, create_team, remove_team, rename_team
from vaglio_server.users.models import Team, User
from vaglio_server.users.queries import teams

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    make_people()
    south = Team.objects.get(name="south")
    assert create_team(name="  far   west ", by="ada", at=AT).name == "far west"
    assert rename_team(team=south, name="South", by="ada", at=AT).name == "South"  # its own name in other letters
    assert [(team.name, team.size) for team in teams()] == [("South", 2), ("far west", 0), ("north", 1)]
    assert remove_team(team=south, by="ada", at=AT) == 2
    assert User.objects.get(username="luca").team is None
    assert [len(audited(verb)) for verb in ("create_team", "rename_team", "remove_team")] == [1, 1, 1]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00b", "a\u200eb"])
def test_it_rejects_what_is_no_name(name: str) -> None:
    with pytest.raises(Refused, match="a team has 1 to 100"):
        create_team(name=name, by="ada", at=AT)
    assert not Team.objects.exists()


def test_it_requires_a_name_of_its_own() -> None:
    south = create_team(name="south", by="ada", at=AT)
    create_team(name="north", by="ada", at=AT)
    with pytest.raises(TeamTaken):
        create_team(name="South", by="ada", at=AT)
    with pytest.raises(TeamTaken):
        rename_team(team=south, name="NORTH", by="ada", at=AT)
    assert sorted(Team.objects.values_list("name", flat=True)) == ["north", "south"]
