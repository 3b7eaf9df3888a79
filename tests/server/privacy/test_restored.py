"""A backup from before somebody was erased does not bring them back; the commands that do all this, run as somebody would."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.config.test_backup import vaglio
from tests.server.privacy.test_erasing import MAIL, identify
from tests.server.world import make_source, send


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own, by the same secret as every other of the test."""
    monkeypatch.setenv("VAGLIO_SECRET_KEY", "a secret of fifty characters or more, for hashes of keys")
    home = Path(tempfile.mkdtemp(prefix="vaglio-"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home, ignore_errors=True)


def test_who_was_erased_since_is_erased_again(tables: Path, elsewhere: Path, tmp_path: Path) -> None:
    send(make_source(), identify(MAIL, "canary-1", first_name="Canary"), identify("bob@nest.example", "bob"))
    file, out, erased = tmp_path / "vaglio.dump", tmp_path / "anna.zip", tmp_path / "erased.txt"
    assert vaglio(tables, "backup", str(file)).returncode == 0
    assert vaglio(elsewhere, "restore", str(file)).stdout == f"{file} is restored\n"

    given = vaglio(elsewhere, "person", "give-out", MAIL.upper(), "--out", str(out))
    assert given.returncode == 0, given.stderr
    assert out.stat().st_mode & 0o077 == 0 and "person.json" in zipfile.ZipFile(out).namelist()
    asked = vaglio(elsewhere, "person", "erase", MAIL)  # nobody answers
    assert asked.returncode != 0 and f"lead 1: Canary, {MAIL}, nest.example\n" in asked.stdout
    assert "known by user id: canary-1\n" in asked.stdout
    done = vaglio(elsewhere, "person", "erase", MAIL, "--yes")
    assert done.returncode == 0 and "erased: " in done.stdout, done
    assert vaglio(elsewhere, "person", "show", MAIL).stdout == "nothing is stored of them\n"
    erased.write_text(vaglio(elsewhere, "person", "erased").stdout)

    again = vaglio(elsewhere, "restore", str(file), "--replace")
    assert again.stdout == f"{file} is restored; erased again, who was erased since it was written: 1\n", again.stderr
    assert "nobody" not in vaglio(elsewhere, "person", "let-in", MAIL).stdout
    # The database that knew it is lost: what was printed of it says so.
    shutil.rmtree(elsewhere / "postgres")
    lost = vaglio(elsewhere, "restore", str(file), "--erased", str(erased))
    assert "erased since it was written: 1" in lost.stdout, lost.stderr
    assert vaglio(elsewhere, "person", "show", "bob@nest.example").stdout.startswith("lead 2:")
    wrong = vaglio(elsewhere, "restore", str(file), "--replace", "--erased", str(file))
    assert wrong.returncode == 2 and len(wrong.stderr.splitlines()) == 1
