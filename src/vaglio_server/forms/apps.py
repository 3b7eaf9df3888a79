"""What Django needs to know of the app."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    """The app."""

    name = "vaglio_server.forms"
