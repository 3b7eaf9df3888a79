"""The rules of a model are changed in a form; what is kept is a draft, like one whose text was changed."""

from collections.abc import Iterator, Mapping

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vaglio.errors import Issue
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.logic.tuning import NotAlone, Value, tuned
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import versions_of
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.model_edit import Checked, answered, checked, newer_draft, newly_doubtful
from vaglio_server.web.model_tune_form import called_of, changed, form_of, taken_out
from vaglio_server.web.model_tune_rows import Side
from vaglio_server.web.models import version_asked

_TRIED = 20  # places that are tried one by one


@allowed(*MARKETERS)
@require_http_methods(["GET", "POST"])
def model_tune(request: Signed, name: str) -> HttpResponse:
    """Show what can be set; say what is wrong with it or what it changes; keep it as a draft."""
    versions = list(versions_of(name))
    version = version_asked(versions, request.GET.get("version", ""), name)
    document = document_of(version.text)
    given = {key: str(value) for key, value in request.POST.items()} if request.method == "POST" else None
    form = form_of(document, given)
    text, found = tried_out(form, version) if given is not None else ("", None)
    told = {"version": version, "document": document, "sides": form, "checked": found, "newer": newer_draft(versions, version)}
    return answered(request, "models/model_tune.html", told, text)


def tried_out(form: list[Side], version: ModelVersion) -> tuple[str, Checked]:
    """Return the text as the form would have it, and what is to be said of that."""
    if faults := list(_typed_wrong(form)):
        return "", Checked(faults=faults)
    values, out = changed(form), taken_out(form)
    try:
        text = tuned(version.text, values, out)
    except NotAlone:
        said = _("it is written in a way in which this form cannot change it by itself")
        names = _not_alone(form, version.text, values) or [""]
        return "", Checked(faults=[Issue("not_alone", said, _("change it in the text"), path=name) for name in names])
    return text, newly_doubtful(checked(text, version), version)


def _not_alone(form: list[Side], text: str, values: Mapping[tuple[str | int, ...], Value]) -> list[str]:
    """Return what of that which was changed cannot be changed by itself, as the form calls it."""
    names = [called_of(form, path) for path, value in [*values.items()][:_TRIED] if not _is_alone(text, {path: value}, [])]
    return names + [row.title for side in form for row in side.rows if row.is_out and not _is_alone(text, {}, [row.at])]


def _is_alone(text: str, values: dict[tuple[str | int, ...], Value], out: list[tuple[str | int, ...]]) -> bool:
    try:
        tuned(text, values, out)
    except NotAlone:
        return False
    return True


def _typed_wrong(form: list[Side]) -> Iterator[Issue]:
    for side in form:
        if side.matrix and side.matrix.fault:
            yield Issue("typed", side.matrix.fault, path=side.title)
        for row in side.rows:
            if row.is_out:
                continue
            yield from (Issue("typed", place.fault, path=f"{row.title}: {place.title}") for place in row.boxes if place.fault)
