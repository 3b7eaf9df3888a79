"""Where the pages of a version are."""

from django.urls import reverse

from vaglio_server.scoring.models import ModelVersion


def page_of(version: ModelVersion, page: str = "model-detail") -> str:
    """Return the address of a version's page, or of another page about it by its name."""
    return f"{reverse(page, args=(version.scoring_model.name,))}?version={version.number}"
