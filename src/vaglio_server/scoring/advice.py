"""What to do where a version cannot be proved, in the words of the page: the engine's own hints name options of commands."""

from vaglio.errors import DataError


def advice(error: DataError) -> str:
    """Return what somebody at the page can do about what the engine refused, empty where nothing; in the language of the report."""
    from vaglio.report.words import _

    more = _("come back with more outcomes, or choose another horizon")
    found = {
        "outcome_absent": _("choose another outcome, or come back once sales has told some"),
        "horizon_not_over": _("choose a shorter horizon"),
        "nothing_before": _("choose a shorter horizon, or come back with more outcomes"),
        "no_leads_in_time": _("look at the audience of the version, or choose another horizon"),
        "nobody_to_judge": _("look at the audience of the version, or choose another horizon"),
        "one_outcome": more,
        "too_few_outcomes": more,
        "nothing_to_learn_from": _("give leads more fields, or activities"),
    }
    return found.get(error.code, "" if "--" in error.hint or "vaglio " in error.hint else error.hint)
