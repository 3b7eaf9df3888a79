"""What Django needs to know of the app."""

from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    """The app."""

    name = "vaglio_server.duplicates"
