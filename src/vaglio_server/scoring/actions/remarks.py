"""What people say about a version before they sign it, and after."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.refused import Refused
from vaglio_server.scoring.models import ModelRemark, ModelVersion
from vaglio_server.users.actions import audit

LONGEST = 2_000  # characters


@transaction.atomic
def remark_on(*, version: ModelVersion, text: str, by: str, at: datetime) -> ModelRemark:
    """Say something about a version; the audit trail says that it was said, not what.

    Raises
    ------
    Refused
        It says nothing, or too much.
    """
    kept = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not kept:
        raise Refused(_("the remark says nothing; write what is right or wrong with the version"))
    if len(kept) > LONGEST:
        raise Refused(_("the remark has {n:,} characters; {most:,} fit").format(n=len(kept), most=LONGEST))
    made = ModelRemark.objects.create(version=version, text=kept, by=by, at=at)
    audit(by=by, verb="remark_on_version", subject=f"model:{version.scoring_model_id}", at=at, version=version.number)
    return made
