"""The app."""

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    """Counts and comparisons."""

    name = "vaglio_server.studies"
