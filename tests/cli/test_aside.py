"""What a run writes is put in place together, once all of it is whole; what cannot be written is named as it was given."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.company import AS_OF, MODEL, data_options, vaglio
from vaglio.aside import aside, gone, together


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def write(path: Path, text: str) -> None:
    with aside(path) as hidden:
        hidden.write_text(text, encoding="utf-8")


def test_files_get_their_names_together_or_none_does(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old", encoding="utf-8")
    (tmp_path / "left").write_text("old", encoding="utf-8")
    with pytest.raises(OSError, match="No such file or directory") as failed, together():
        write(tmp_path / "a", "new")
        gone(tmp_path / "left")
        write(tmp_path / "nowhere" / "b", "new")
    assert failed.value.filename == str(tmp_path / "nowhere" / "b") and held(tmp_path) == {"a": "old", "left": "old"}
    with together():
        write(tmp_path / "a", "new")
        gone(tmp_path / "left")
        write(tmp_path / "b", "new")
        assert (tmp_path / "a").read_text(encoding="utf-8") == "old"
    assert held(tmp_path) == {"a": "new", "b": "new"}
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_name_may_be_as_long_as_a_name_may_be(tmp_path: Path) -> None:
    write(tmp_path / ("n" * 255), "new")
    with pytest.raises(OSError, match="name too long"):
        write(tmp_path / ("n" * 256), "new")
    assert held(tmp_path) == {"n" * 255: "new"}


@pytest.mark.parametrize("option", ["--out", "--contributions", "--activities-detail", "--report"])
def test_a_folder_that_nothing_can_be_written_into_is_said_before_anything_is_read(tmp_path: Path, option: str) -> None:
    """Into /proc nobody writes, not even root."""
    place = "/proc/z.html" if option == "--report" else "/proc/z.csv"
    given = {"--out": "a.csv", "--contributions": "c.csv"} | {option: place}
    (tmp_path / "a.csv").write_text("old", encoding="utf-8")
    done = vaglio("score", MODEL, "--leads", "nowhere.csv", *(part for pair in given.items() for part in pair), cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith(f"vaglio: {place} cannot be written: ") and held(tmp_path) == {"a.csv": "old"}


def test_where_the_report_cannot_be_written_scores_stay_as_they_were(
    company: Path, scored: tuple[subprocess.CompletedProcess[str], Path], tmp_path: Path
) -> None:
    for name in ("s.csv", "c.csv", "r.html"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    sizes = {name: (scored[1] / name).stat().st_size for name in ("s.csv", "c.csv", "r.html")}
    most = sizes["r.html"] // 2
    assert max(sizes["s.csv"], sizes["c.csv"]) < most
    outputs = ("--out", tmp_path / "s.csv", "--contributions", tmp_path / "c.csv", "--report", tmp_path / "r.html")
    command = (sys.executable, "-m", "vaglio.cli.main", "score", MODEL, *data_options(company), *AS_OF, *outputs)
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, f"vaglio: {tmp_path / 'r.html'} cannot be read or written: File too large\n")
    assert held(tmp_path) == dict.fromkeys(sizes, "old")
