"""A world that is put back is the world that was made."""

from typing import Any

from tests.server.conftest import emptier, empty_tables
from tests.server.kept import kept
from tests.server.web.people import make_people
from tests.server.world import leads, make_account, make_live, make_source, send


def world(name: str) -> list[Any]:
    make_people()
    make_live()
    send(make_source(), {"type": "identify", "userId": name, "traits": {"email": f"{name}@acme.example", "firstName": name}})
    return [make_account(name="Zeta", domain="zeta.example"), leads()]


def rows() -> dict[str, Any]:
    """Return what every table and every number holds."""
    said: dict[str, Any] = {}
    for (table,) in emptier().execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'django_%'"):
        said[table] = sorted(str(row) for row in emptier().execute(f'SELECT to_jsonb(its) FROM "{table}" AS its'))
    numbers = emptier().execute("SELECT sequencename, last_value FROM pg_sequences WHERE sequencename NOT LIKE 'django%'")
    return said | {"numbers": sorted(map(str, numbers))}


def test_it_works(tables: Any) -> None:
    asked: list[str] = []

    def make(name: str) -> list[Any]:
        asked.append(name)
        return world(name)

    anna, found = kept(make, "anna"), rows()
    assert sum(map(bool, found.values())) > 12 and "anna@acme.example" in anna[1]
    anna[0].name = "Changed by a test"
    empty_tables()
    again = kept(make, "anna")
    assert rows() == found and again[0].name == "Zeta" and again[0].pk == anna[0].pk
    make_account(name="Another", domain="another.example")  # numbers go on after those that are there
    empty_tables()
    assert kept(make, "bob") and rows() != found
    empty_tables()
    assert kept(make, "anna") and rows() == found and asked == ["anna", "bob"]
    emptier().close()  # as where the database was started again: what was set aside is gone
    for name in ("anna", "bob", "anna"):
        empty_tables()
        assert kept(make, name)
    assert asked == ["anna", "bob"] * 2 and rows()["numbers"] == found["numbers"]
