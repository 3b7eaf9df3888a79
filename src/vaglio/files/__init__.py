"""Files in and out: CSV and Parquet to facts, results to CSV and Parquet."""

from vaglio.files.columns import ColumnMap
from vaglio.files.needs import Needs, needs
from vaglio.files.read import Loaded, read_facts
from vaglio.files.rejects import write_rejected
from vaglio.files.summary import Summary
from vaglio.files.write import write_table
from vaglio.paths import Paths

__all__ = ["ColumnMap", "Loaded", "Needs", "Paths", "Summary", "needs", "read_facts", "write_rejected", "write_table"]
