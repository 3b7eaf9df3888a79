"""A file that was uploaded and never brought in is thrown away whole; one that was brought in is not."""

from typing import Any

from tests.server.imports.test_imports import marta, run, upload  # noqa: F401
from tests.server.imports.test_undo import brought
from tests.server.web.people import signed_in
from tests.server.world import audited, leads

FILE = "Email,Name\nanna@acme.example,Anna\n"


def test_a_draft_goes_with_all_that_is_stored_of_it(marta: Any) -> None:  # noqa: F811
    from vaglio_server.imports.models import Import, ImportPart

    made, other = upload(marta, FILE), upload(marta, FILE, "other.csv")
    assert f'action="/imports/{made.pk}/discard"' in marta.get("/imports").content.decode()
    assert f'action="/imports/{made.pk}/discard"' in marta.get(f"/imports/{made.pk}").content.decode()
    assert "leads.csv is thrown away" in marta.post(f"/imports/{made.pk}/discard", follow=True).content.decode()
    assert list(Import.objects.all()) == [other]
    assert set(ImportPart.objects.values_list("of", flat=True)) == {other.pk}
    assert audited("discard_import") == [("marta", f"import:{made.pk}")]
    assert marta.get(f"/imports/{made.pk}").status_code == 404
    assert marta.post(f"/imports/{made.pk}/columns", {"start": ""}).status_code == 404
    run()
    assert leads() == {}


def test_what_was_brought_in_is_not_thrown_away(marta: Any) -> None:  # noqa: F811
    made = brought(marta, FILE)
    assert "/discard" not in marta.get("/imports").content.decode() + marta.get(f"/imports/{made.pk}").content.decode()
    assert "this import was started already" in marta.post(f"/imports/{made.pk}/discard", follow=True).content.decode()
    made.refresh_from_db()
    assert (made.state, len(leads())) == ("done", 1)


def test_who_may_not_bring_in_files_may_not_throw_them_away(marta: Any) -> None:  # noqa: F811
    from vaglio_server.users.models import User

    made = upload(marta, FILE)
    assert signed_in(User.objects.get(username="luca")).post(f"/imports/{made.pk}/discard").status_code == 403
    made.refresh_from_db()
