"""The settings in force, as they were when the server started."""

import platform

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render

import vaglio
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.menu import ADMINISTRATORS


@allowed(*ADMINISTRATORS)
def setting_list(request: Signed) -> HttpResponse:
    """Show each setting with its value; secrets are not among what Django knows of them here."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        database = cursor.fetchone()[0]
    parts = (("Vaglio", vaglio.__version__), ("PostgreSQL", database.partition(" ")[0]), ("Python", platform.python_version()))
    return render(request, "settings/setting_list.html", {"settings": settings.IN_FORCE, "parts": parts})
