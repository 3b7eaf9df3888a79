"""What Django needs to know of the app."""

from django.apps import AppConfig


class ViewsConfig(AppConfig):
    """The app."""

    name = "vaglio_server.views"
