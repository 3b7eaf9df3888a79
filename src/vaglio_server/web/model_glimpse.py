"""While a model is changed in the browser: which leads would move, on some of them at once, before anything is kept."""

from django.http import HttpResponse
from django.shortcuts import render

from vaglio_server.scoring.engine import document_of, read_document
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.scorers import a_scorer
from vaglio_server.studies.actions import glimpse
from vaglio_server.web.access import Signed
from vaglio_server.web.model_compare import cell_words, movers

SHOWN = 5  # leads


def is_glimpse(request: Signed) -> bool:
    """Whether it is asked which leads move, and not what is wrong or what changes."""
    return request.method == "POST" and request.POST.get("do") == "glimpse"


def glimpsed(request: Signed, text: str, version: ModelVersion) -> HttpResponse:
    """Show which leads would move by a text without faults, against the version that it was begun with."""
    with a_scorer() as scorer:
        found = glimpse(before=document_of(version.text), after=read_document(text), scorer=scorer)
    seen = movers(found.told["leads"], request.user)[:SHOWN]
    return render(request, "models/_glimpse.html", {"leads": found.leads, "told": found.told, "movers": seen, "cells": cell_words()})
