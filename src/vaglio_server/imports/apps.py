"""What Django needs to know of the app."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The app."""

    name = "vaglio_server.imports"
