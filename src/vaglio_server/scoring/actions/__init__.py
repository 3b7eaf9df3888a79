"""Versions of models, what is said of them, their signatures, and the scores they give."""

from vaglio_server.scoring.actions.drafts import discard_version, restore_version
from vaglio_server.scoring.actions.rechecking import Rechecked, recheck, recheck_nightly
from vaglio_server.scoring.actions.remarks import remark_on
from vaglio_server.scoring.actions.scores import CALM, score_backlog, score_due, score_past, score_run
from vaglio_server.scoring.actions.signing import carry_signatures, sign_version, unsign_version
from vaglio_server.scoring.actions.versions import activate_version, push_model

__all__ = [
    "CALM",
    "Rechecked",
    "activate_version",
    "carry_signatures",
    "discard_version",
    "push_model",
    "recheck",
    "recheck_nightly",
    "remark_on",
    "restore_version",
    "score_backlog",
    "score_due",
    "score_past",
    "score_run",
    "sign_version",
    "unsign_version",
]
