import subprocess
import sys
from pathlib import Path

TEXT = """
import sys
import django
django.setup()
from vaglio_server.config import env
from vaglio_server.scoring.snapshots import Snapshots
with Snapshots(env.database()).take() as snapshot:
    print(snapshot.at_us > 0, "pandas" in sys.modules)
"""


def test_what_scores_does_not_import_pandas(database: Path) -> None:
    done = subprocess.run([sys.executable, "-c", TEXT], capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"
