"""A rule is added to a model in a form; what is kept is a draft, like one whose text was changed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vaglio.errors import Issue
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.logic.adding import with_condition, with_rule
from vaglio_server.scoring.logic.tuning import NotAlone
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import versions_of
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.audience import audience_words
from vaglio_server.web.model_edit import Checked, answered, checked, newer_draft, newly_doubtful
from vaglio_server.web.model_rule_boxes import RuleForm
from vaglio_server.web.model_rule_form import ABOUT, form_of
from vaglio_server.web.model_rule_known import known_to
from vaglio_server.web.models import version_asked


@allowed(*MARKETERS)
@require_http_methods(["GET", "POST"])
def model_add_rule(request: Signed, name: str) -> HttpResponse:
    """Show the form; say what is wrong in it or what the rule would say; keep the model with it as a draft."""
    versions = list(versions_of(name))
    version = version_asked(versions, request.GET.get("version", ""), name)
    document = document_of(version.text)
    about = request.GET.get("about", "field")
    about = about if about in ABOUT else "field"
    given = {key: str(value) for key, value in request.POST.items()}
    is_redrawn = given.get("do", "").partition(".")[0] in ("redraw", "case", "drop")
    form = form_of(document, known_to(document), about, given, is_sent=bool(given) and not is_redrawn)
    address = f"{reverse('model-add-rule', args=(name,))}?version={version.number}&about={about}"
    context: dict[str, Any] = {
        "version": version, "document": document, "form": form, "abouts": ABOUT, "address": address,
        "newer": newer_draft(versions, version), "audience": audience_words(document),
    }  # fmt: skip
    if not given or is_redrawn:
        return render(request, "models/_rule_form.html" if request.headers.get("HX-Request") else "models/model_add_rule.html", context)
    if request.headers.get("HX-Request") and form.is_begun:
        return render(request, "models/_edit_checked.html", context)
    text, context["checked"] = _tried_out(form, version)
    return answered(request, "models/model_add_rule.html", context, text)


def _added(form: RuleForm, text: str) -> str:
    return with_rule(text, form.path, form.rule, form.reads) if form.path else with_condition(text, form.rule, form.reads)


def _tried_out(form: RuleForm, version: ModelVersion) -> tuple[str, Checked]:
    """Return the text with the rule, and what is to be said of that."""
    if form.faults:
        return "", Checked(faults=[Issue("typed", box.fault, path=box.title) for box in form.faults])
    try:
        text = _added(form, version.text)
    except NotAlone:
        said = _("the text is written in a way in which no rule can be added by this form")
        return "", Checked(faults=[Issue("not_alone", said, _("add it in the text"))])
    return text, newly_doubtful(checked(text, version), version)
