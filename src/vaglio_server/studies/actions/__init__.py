"""Asking for studies and trials, and carrying them out."""

from vaglio_server.studies.actions.glimpse import glimpse
from vaglio_server.studies.actions.studies import (
    CENSUS,
    ask_due_counts,
    begin_study,
    carry_out,
    compare_versions,
    count_version,
    fail_study,
    horizon_seconds,
    stop_study,
    take_census,
)
from vaglio_server.studies.actions.trials import (
    ask_trial,
    begin_trial,
    carry_out_trial,
    fail_trial,
    keep_learned,
    stop_trial,
)

__all__ = [
    "CENSUS",
    "ask_due_counts",
    "ask_trial",
    "begin_study",
    "begin_trial",
    "carry_out",
    "carry_out_trial",
    "compare_versions",
    "count_version",
    "fail_study",
    "fail_trial",
    "glimpse",
    "horizon_seconds",
    "keep_learned",
    "stop_study",
    "stop_trial",
    "take_census",
]
