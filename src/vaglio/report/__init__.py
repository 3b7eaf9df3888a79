"""The report: one self-contained HTML file about one scored result."""

from vaglio.report.inputs import ReportInputs
from vaglio.report.write import write_report

__all__ = ["ReportInputs", "write_report"]
