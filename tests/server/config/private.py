"""A private PostgreSQL of its own for a test, and its processes."""

from pathlib import Path

import psutil
import psycopg

from vaglio.private.pulse import processes


def ask(folder: Path, query: str) -> object:
    with psycopg.connect(host=str(folder), user="vaglio", dbname="vaglio", connect_timeout=2) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


def serves(folder: Path) -> bool:
    try:
        return ask(folder, "SELECT 1") == 1
    except psycopg.Error:
        return False


def first_pid(folder: Path) -> int:
    return int((folder / "data/postmaster.pid").read_text().split()[0])


def called(folder: Path, title: str) -> list[psutil.Process]:
    """Return the processes of a server by how they call themselves."""
    found = []
    for process in processes(folder / "data"):
        try:
            if process.cmdline()[0].startswith(f"postgres: {title}"):
                found.append(process)
        except (psutil.Error, IndexError):
            continue
    return found
