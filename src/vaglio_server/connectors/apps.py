"""What Django needs to know of the app."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """The app."""

    name = "vaglio_server.connectors"
