"""Arrow finds no pandas, and nobody else is kept from finding it."""

import subprocess
import sys

TEXT = """
import sys
from vaglio.arrow import settle_without_pandas

class Finders(list):
    inserted = 0

    def insert(self, at, finder):
        Finders.inserted += 1
        super().insert(at, finder)

sys.meta_path = Finders(sys.meta_path)
for _ in range(3):
    settle_without_pandas()
import pyarrow as pa
print(Finders.inserted, "pandas" in sys.modules, pa.array([0]).to_pylist())
import pandas
"""


def test_it_is_hidden_once_in_a_process() -> None:
    """A server scores again and again, and another of its threads may import it in just that moment."""
    done = subprocess.run([sys.executable, "-c", TEXT], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1 False [0]\n", "")
