"""Write the report to a file: aside first, then renamed, so that no half report is ever seen."""

from pathlib import Path

from vaglio.aside import aside
from vaglio.report.figures import figures
from vaglio.report.inputs import ReportInputs
from vaglio.report.page import page
from vaglio.report.words import speaking


def write_report(path: Path, inputs: ReportInputs) -> None:
    """Write one HTML file with everything in it; an existing file is replaced only once the new one is complete.

    Raises
    ------
    EngineError
        The engine failed while counting.
    OSError
        The file cannot be written.
    """
    with speaking(inputs.language):
        text = page(inputs, figures(inputs))
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Write a text aside and rename it, so that no half file is ever seen.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    with aside(path) as hidden:
        hidden.write_text(text, encoding="utf-8", newline="\n")
