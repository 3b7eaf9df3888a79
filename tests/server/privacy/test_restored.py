"""A backup from before somebody was erased does not bring them back; the commands that do all this, run as somebody would."""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.company import vaglio as here
from tests.server.config.test_backup import vaglio
from tests.server.forms.making import make_form
from tests.server.forms.making import send as submit
from tests.server.privacy.test_erasing import MAIL, hits, identify
from tests.server.privacy.test_kept_out import erased
from tests.server.ready import bring_ready
from tests.server.world import AT, leads, make_source, send


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> Iterator[Path]:
    """A data folder of its own, by the same secret as every other of the test."""
    from django.conf import settings

    monkeypatch.setenv("VAGLIO_SECRET_KEY", settings.SECRET_KEY)
    home = Path(tempfile.mkdtemp(prefix="vaglio-"))
    home.chmod(0o711)
    bring_ready(home, pytestconfig.cache.mkdir("database"))  # type: ignore[union-attr]
    yield home
    shutil.rmtree(home, ignore_errors=True)


def test_who_was_erased_since_is_erased_again(
    tables: Path, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    send(make_source(), identify(MAIL, "canary-1", first_name="Canary"), identify("bob@nest.example", "bob"))
    file, out, erased = tmp_path / "vaglio.dump", tmp_path / "anna.zip", tmp_path / "erased.txt"
    assert here("backup", str(file)).returncode == 0
    assert "rows of" in here("person", "give-out", MAIL.upper(), "--out", str(out)).stdout
    assert out.stat().st_mode & 0o077 == 0 and "person.json" in zipfile.ZipFile(out).namelist()
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody answers
    asked = here("person", "erase", MAIL)
    assert asked.returncode != 0 and f"lead 1: Canary, {MAIL}, nest.example\n" in asked.stdout
    assert "known by user id: canary-1\n" in asked.stdout
    done = here("person", "erase", MAIL, "--yes")
    assert done.returncode == 0 and "erased: " in done.stdout, done
    assert here("person", "show", MAIL).stdout.startswith("no record of theirs is stored") and hits() == []
    erased.write_text(here("person", "erased").stdout)

    told = f"{file} is restored; erased again, who was erased since it was written: 1\n"
    assert vaglio(elsewhere, "restore", str(file), "--erased", str(erased)).stdout == told
    # Whoever was erased there is carried over to what takes the place of it.
    assert vaglio(elsewhere, "restore", str(file), "--replace").stdout == told
    assert vaglio(elsewhere, "person", "show", "bob@nest.example").stdout.startswith("lead 2:")
    wrong = vaglio(elsewhere, "restore", str(file), "--replace", "--erased", str(file))
    assert wrong.returncode == 2 and "does not say who was erased" in wrong.stderr and len(wrong.stderr.splitlines()) == 1

    assert here("person", "let-in", MAIL).stdout == f"{MAIL} is taken in again when it comes\n"
    assert here("person", "let-in", MAIL).stdout == f"nobody with {MAIL} was erased\n"


def ledger(tmp_path: Path) -> Path:
    file = tmp_path / "erased.txt"
    file.write_text(here("person", "erased").stdout)
    return file


def again(file: Path) -> int:
    """Finish a restore as after its tables came back: what a file says is erased again, whatever the tables knew."""
    from vaglio_server.config.erased import finish, keep_waiting
    from vaglio_server.config.erased import ledger as read
    from vaglio_server.crm.models import ErasedKey, Erasure

    held = read(file)
    ErasedKey.objects.all().delete()
    Erasure.objects.all().delete()
    keep_waiting(held, 0)
    return finish(datetime.now(UTC))


def test_only_who_was_erased_is_erased_again_in_whatever_state_the_backup_has_them(tables: Path, tmp_path: Path) -> None:
    """A device nobody was known by, a waiting form, calls and rows that were refused; whose merge with her was undone stays."""
    from vaglio_server.crm.models import Lead
    from vaglio_server.tracking.actions import merge_leads, undo_merge

    site = make_source()
    send(site, identify(MAIL, "canary-1"))
    erased()
    file = ledger(tmp_path)
    assert again(file) == 0 and again(file) == 0
    # As a backup from before may have her.
    forget_keys()
    page = {"type": "page", "anonymousId": "canary-1-device"}
    refused = {"type": "track", "userId": "canary-1", "event": "x", "properties": {"duration": -1}}
    send(site, page, refused, identify("bob@nest.example", "bob"), identify("canary-1@other.example", "canary-1"))
    bob, her = (Lead.objects.get(fields__email=email) for email in ("bob@nest.example", "canary-1@other.example"))
    undo_merge(merge=merge_leads(lead=bob, other=her, by="ada", at=AT), by="ada", at=AT)
    submit(make_form(is_double_opt_in=True), email=MAIL, first_name="Canary")
    assert hits() and again(file) == 1
    assert hits() == [] and [lead.pk for lead in Lead.objects.all()] == [bob.pk]


def forget_keys() -> None:
    from vaglio_server.crm.models import ErasedKey

    ErasedKey.objects.all().delete()


def test_who_was_let_in_since_keeps_what_they_gave_anew(tables: Path, tmp_path: Path) -> None:
    """The tables know of the erasure, so all they hold of her came after it; and a backup from before is without her all the same."""
    from vaglio_server.config.erased import finish, keep_waiting
    from vaglio_server.config.erased import ledger as read
    from vaglio_server.crm.actions import let_in
    from vaglio_server.crm.models import ErasedKey

    site = make_source()
    send(site, identify(MAIL, "canary-1"))
    erased()
    old = ledger(tmp_path)
    let_in(keys=[("email", MAIL)], by="ada", at=datetime.now(UTC))
    send(site, identify(MAIL, "canary-1"))
    keep_waiting(read(old), 0)
    assert finish(datetime.now(UTC)) == 0 and MAIL in leads()
    assert not ErasedKey.objects.out().exists()  # what is known here of her being let in stays
    assert again(ledger(tmp_path)) == 1 and hits() == []  # tables of before
    assert not ErasedKey.objects.out().exists()  # and she comes back if she wants


def test_a_ledger_by_another_secret_is_refused(tables: Path, tmp_path: Path) -> None:
    from vaglio.errors import VaglioError
    from vaglio_server.config.erased import ledger as read

    file = tmp_path / "erased.txt"
    for text, said in (
        (f"vaglio erased {'0' * 64}\n", "is by another secret"),
        ("", "does not say who was erased"),
        (here("person", "erased").stdout + f"{'0' * 128} x y z\n", "does not say who was erased"),
    ):
        file.write_text(text)
        with pytest.raises(VaglioError, match=said):
            read(file)
