"""What Django needs to know of the app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """The app."""

    name = "vaglio_server.privacy"
