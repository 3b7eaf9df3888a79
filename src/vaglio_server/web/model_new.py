"""A model of its own is begun: with a ready one, with one that is there, or with somebody's file; kept as a draft."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from vaglio.errors import DocumentError
from vaglio_server.scoring.actions import push_model
from vaglio_server.scoring.engine import ModelDocument, document_of, read_document
from vaglio_server.scoring.logic.beginning import begun_with
from vaglio_server.scoring.logic.tuning import NotAlone
from vaglio_server.scoring.models import ModelVersion, ScoringModel
from vaglio_server.scoring.queries import live_versions, newest_drafts
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.model_pages import page_of
from vaglio_server.web.models import first_versions, ready_models
from vaglio_server.web.words import lines

_FILE = "file"
_LARGEST = 1_000_000  # bytes; a model of 300 rules has 60,000
_SHOWN = 20  # faults of a file


class _Faulty(Exception):
    """What was asked for cannot be begun."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults


@dataclass(frozen=True)
class Beginning:
    """A model that another can begin with."""

    key: str
    title: str
    said: str | Promise
    text: str
    is_ready: bool


@allowed(*MARKETERS)
def model_new(request: Signed) -> HttpResponse:
    """Ask what a new model is called and what it begins with; keep it as a draft."""
    offered = _beginnings()
    faults: list[str] = []
    if request.method == "POST":
        try:
            return _made(request, _text(request, offered))
        except _Faulty as wrong:
            faults = wrong.faults
    begin = request.POST.get("begin", offered[0].key)
    context = {"offered": offered, "faults": faults, "title": request.POST.get("title", ""), "begin": begin, "file": _FILE}
    return render(request, "models/model_new.html", context, status=422 if faults else 200)


def _beginnings() -> list[Beginning]:
    """Return what a model can begin with, those that are there first."""
    there = first_versions(list(live_versions()), newest_drafts())
    ready = [Beginning(f"ready:{each.file}", each.title, each.description, each.text, is_ready=True) for each in ready_models()]
    return [_copied(version) for version in there] + ready


def _copied(version: ModelVersion) -> Beginning:
    document = document_of(version.text)
    stands = _("version {n}, live") if version.is_live else _("version {n}, a draft")
    title = document.title or document.name
    return Beginning(f"model:{document.name}", title, stands.format(n=version.number), version.text, is_ready=False)


def _text(request: Signed, offered: list[Beginning]) -> str:
    """Return the text of the new model.

    Raises
    ------
    _Faulty
        It has no name of its own, or its file is no model.
    """
    title = lines(request.POST.get("title", "").replace("\x00", "")).strip()
    asked = request.POST.get("begin", "")
    if asked == _FILE:
        text = _of_file(request)
    else:
        text = next((each.text for each in offered if each.key == asked), "")
        if not text:
            raise _Faulty([_("Choose what it begins with.")])
        if not title:
            raise _Faulty([_("It has no name yet.")])
    if title:
        text = _called(text, title)
    name = _read(text).name
    if ScoringModel.objects.filter(name=name).exists():
        raise _Faulty([_("There is a model {name} already: give this one another name, or change that one.").format(name=name)])
    return text


def _called(text: str, title: str) -> str:
    try:
        return begun_with(text, title)
    except NotAlone:
        said = _("Its text has aliases (*) of its name, its title or its drives, which cannot be other ones alone: write those out first.")
        raise _Faulty([said]) from None


def _of_file(request: Signed) -> str:
    file = request.FILES.get("file")
    if file is None or file.size is None:
        raise _Faulty([_("Choose a file.")])
    if file.size > _LARGEST:
        raise _Faulty([_("{file} is no model: it is larger than a megabyte.").format(file=file.name)])
    try:
        text = str(file.read(), "utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise _Faulty([_("{file} is not UTF-8 text; save it as UTF-8.").format(file=file.name)]) from None
    _read(text)
    return text


def _read(text: str) -> ModelDocument:
    try:
        return read_document(text)
    except DocumentError as wrong:
        said = [str(issue) for issue in wrong.issues[:_SHOWN]]
        if len(wrong.issues) > _SHOWN:
            said.append(_("and {n} more").format(n=len(wrong.issues) - _SHOWN))
        raise _Faulty(said) from None


def _made(request: Signed, text: str) -> HttpResponse:
    made = push_model(text=text, by=request.user.username, at=datetime.now(UTC))
    messages.success(request, _("{version} is kept as a draft: nothing is rated by it yet.").format(version=made))
    return redirect(page_of(made))
