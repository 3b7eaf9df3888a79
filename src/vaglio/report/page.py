"""The page: figures in, one self-contained HTML text out."""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import i18n

from vaglio.report import words
from vaglio.report.figures import Figures
from vaglio.report.inputs import ReportInputs
from vaglio.report.lines import Explainer
from vaglio.report.promises import of_words
from vaglio.report.sentences import Sentences

_TEMPLATES = files("vaglio.report") / "templates"


def page(inputs: ReportInputs, found: Figures) -> str:
    """Return the report. Every value is escaped; style and nothing else is allowed by the page's own security policy."""
    css = stylesheet("report.css")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            css=css,
            policy=security_policy(css),
            document=inputs.document,
            inputs=inputs,
            found=found,
            say=Sentences(inputs, found),
            language=inputs.language,
        )
    )


def stylesheet(*names: str) -> str:
    """Return the style of a page, of one or several files."""
    return "\n".join((_TEMPLATES / name).read_text(encoding="utf-8").strip() for name in names)


def security_policy(css: str) -> str:
    """Return a policy that allows this one style sheet: no script, no image, no font, no connection, no form."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@lru_cache
def environment() -> Environment:
    """Return what draws templates, in the language spoken."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[i18n],
        loader=PackageLoader("vaglio.report"),
    )
    environment.install_gettext_callables(words._, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    for name in (
        "number",
        "percent",
        "stated",
        "points",
        "score",
        "whole_points",
        "mean_points",
        "instant",
        "day",
        "date_words",
        "length",
        "plain",
    ):
        environment.filters[name] = getattr(words, name)
    environment.filters["of_words"] = of_words
    environment.filters |= {"length_of": len, "reverse_axes": reversed}
    environment.globals["axis_name"] = Explainer.axis_name
    return environment
