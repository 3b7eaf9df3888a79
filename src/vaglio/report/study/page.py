"""A study in, one self-contained HTML file out."""

from pathlib import Path

from vaglio.report.page import environment, security_policy, stylesheet
from vaglio.report.study.blocks import Study
from vaglio.report.words import speaking
from vaglio.report.write import write_text


def study_page(study: Study) -> str:
    """Return the report of a study. Every value is escaped; style and nothing else is allowed by the page's own security policy."""
    css = stylesheet("report.css", "study.css")
    with speaking(study.language):
        return environment().get_template("study.html.j2").render(css=css, policy=security_policy(css), study=study)


def write_study(path: Path, study: Study) -> None:
    """Write the report of a study to a file; an existing one is replaced only once the new one is complete.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_text(path, study_page(study))
