"""A version is held while something about it is decided: nobody signs it, discards it or makes it live meanwhile."""

from vaglio_server.scoring.models import ModelVersion


def held_version(version: ModelVersion) -> ModelVersion:
    """Return a version as it is now, held until the transaction ends."""
    return ModelVersion.objects.select_for_update(of=("self",)).select_related("scoring_model").get(pk=version.pk)
