"""How long a file of a million leads takes from the upload to the last rating, and how much memory each process needs meanwhile.

``python -m benchmarks.imports [--rows N]``. The file is written as Salesforce exports leads; it is kept as a web process keeps it, then
taken and scored by the server as it is run. Memory is asked of every process twice a second: flat is what does not grow with the rows.
"""

import argparse
import csv
import json
import os
import platform
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.filling import MODEL
from benchmarks.installation import installation

RESULTS = Path(__file__).parent / "results" / "imports.json"
HEADING = ("Lead ID", "First Name", "Last Name", "Title", "Company / Account", "Email", "Phone", "Industry", "No. of Employees", "Country",
           "Lead Source", "Create Date")  # fmt: skip
FIRST = ("Anna", "Bruno", "Carla", "Dario", "Elena", "Ștefan", "Jörg", "Zoë")
TITLES = ("CTO", "Head of Sales", "Developer", "CFO", "Buyer", "Student", "VP Marketing", "Analyst", "Plant manager")
PARTS = 10  # of an import, whose memory is told apart


def write_file(path: Path, rows: int) -> None:
    """Write a file of leads, four to a company."""
    drawn = random.Random(11)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADING)
        for number in range(rows):
            company = number * 7919 % (rows // 4)
            out.writerow((
                f"00Q{number:015d}", drawn.choice(FIRST), f"Name{number % 99_991}", drawn.choice(TITLES), f"Company {company} S.p.A.",
                f"p{number}@company{company}.example", f"+39 02 {number % 10_000_000:07d}", drawn.choice(("Software", "Retail", "Banking")),
                drawn.randrange(1, 6000), drawn.choice(("IT", "RO", "DE")), drawn.choice(("Web", "Event", "Partner")),
                f"{1 + number % 28:02d}/{1 + number % 12:02d}/2025",
            ))  # fmt: skip


class Memory:
    """The resident memory of a server's Python processes [MB], the most of each since it was last asked."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self.most: dict[str, float] = {}

    def look(self) -> None:
        """Look once."""
        for each in [self._root, *self._root.children(recursive=True)]:
            try:
                name = "worker" if "worker" in " ".join(each.cmdline()) else each.name()
                used = each.memory_info().rss / 2**20
            except psutil.NoSuchProcess:
                continue
            if not name.startswith("postgres"):
                self.most[name] = max(self.most.get(name, 0.0), used)

    def told(self) -> dict[str, int]:
        """Return what was most, and forget it."""
        found = {name: round(used) for name, used in self.most.items()}
        self.most.clear()
        return found


def measure(home: Path, rows: int, path: Path) -> dict[str, Any]:
    """Return the seconds of each stage, and the memory in each tenth of the rows."""
    from tests.server.running import running
    from tests.server.world import make_live
    from vaglio_server.crm.models import Lead
    from vaglio_server.imports.actions import keep_file, start_import
    from vaglio_server.imports.models import Import, ImportState
    from vaglio_server.users.models import User

    def now() -> datetime:
        return datetime.now(UTC)  # noqa: TID251

    make_live(MODEL.read_text(encoding="utf-8"))
    boss = User.objects.create_user("boss", role="marketing")
    before, start = psutil.Process().memory_info().rss, time.perf_counter()
    with path.open("rb") as file:
        kept = keep_file(file=file, file_name="leads.csv", user=boss, at=now())
    told: dict[str, Any] = {"keep the file [s]": round(time.perf_counter() - start, 1)}
    told["keeping grew a web process by [MB]"] = round((psutil.Process().memory_info().rss - before) / 2**20, 1)
    with running(home) as server:
        memory, parts = Memory(server.process.pid), []
        start_import(each=kept, by="boss", at=now())
        start = time.perf_counter()
        while True:
            memory.look()
            each = Import.objects.get(pk=kept.pk)
            if each.rows_read >= rows * (len(parts) + 1) // PARTS:
                parts.append({"seconds": round(time.perf_counter() - start, 1), "MB": memory.told()})
                print(parts[-1], flush=True)
            if each.state != ImportState.RUNNING:
                break
            time.sleep(0.5)
        told |= {
            "rows taken [s]": round(time.perf_counter() - start, 1),
            "state": each.state,
            "refused": each.rows_refused,
            "by tenths": parts,
        }
        while Lead.objects.filter(scored_at=None).exists() or Lead.objects.count() < rows - each.rows_refused:
            memory.look()
            time.sleep(1)
        told |= {"all rated [s]": round(time.perf_counter() - start, 1), "MB at the end": memory.told()}
    return told | {"leads": Lead.objects.count(), "rated": Lead.objects.exclude(rating=None).count()}


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    with installation() as home, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        write_file(path, given.rows)
        told = {"rows": given.rows, "file [MB]": round(path.stat().st_size / 2**20, 1)} | measure(home, given.rows, path)
    told |= {"machine": platform.platform(), "cores": os.cpu_count()}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
