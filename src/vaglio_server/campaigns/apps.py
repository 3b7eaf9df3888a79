"""What Django needs to know of the app."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """The app."""

    name = "vaglio_server.campaigns"
