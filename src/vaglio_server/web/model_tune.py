"""The rules of a model are changed in a form; what is kept is a draft, like one whose text was changed."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vaglio.errors import Issue
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.logic.tuning import NotAlone, tuned
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import versions_of
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.model_edit import Checked, answered, checked, newer_draft, newly_doubtful
from vaglio_server.web.model_tune_form import changed, form_of, taken_out
from vaglio_server.web.model_tune_rows import Side
from vaglio_server.web.models import version_asked


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
    try:
        text = tuned(version.text, changed(form), taken_out(form))
    except NotAlone:
        said = _("something that was changed is written in a way in which this form cannot change it by itself")
        return "", Checked(faults=[Issue("not_alone", said, _("change it in the text"))])
    return text, newly_doubtful(checked(text, version), version)


def _typed_wrong(form: list[Side]) -> Iterator[Issue]:
    for side in form:
        if side.matrix and side.matrix.fault:
            yield Issue("typed", side.matrix.fault, path=side.title)
        for row in side.rows:
            if row.is_out:
                continue
            yield from (Issue("typed", place.fault, path=f"{row.title}: {place.title}") for place in row.boxes if place.fault)
