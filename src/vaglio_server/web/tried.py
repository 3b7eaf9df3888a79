"""Something is done because a form asks for it, and the page that comes next says what came of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from vaglio_server.refused import Refused
from vaglio_server.web.access import Signed

Onward = str | Callable[[Any], HttpResponse]
Said = str | Callable[[Any], str]


def tried(request: Signed, verb: Callable[[], Any], said: Said = "", *, to: Onward, back: str = "", undo: Said = "") -> HttpResponse:
    """Do it, say so, and go on ``to`` a page, by its name or by what was made; where it is refused, go ``back`` with why.

    ``undo``: the address by which it is undone, offered beside what is said; empty where it cannot be.
    """
    try:
        made = verb()
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(back or to)
    if told := said(made) if callable(said) else said:
        messages.success(request, told, undo(made) if callable(undo) else undo)
    return to(made) if callable(to) else redirect(to)
