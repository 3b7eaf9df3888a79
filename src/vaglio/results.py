"""What comes back: the columns of scores and contributions, their types and units."""

SCORES: dict[str, str] = {
    "lead_id": "string",
    "model": "string",  # the document's name
    "profile_millipoints": "int64",
    "engagement_millipoints": "int64",
    "letter": "string",  # A-D, null when excluded
    "digit": "string",  # 1-4, null when excluded
    "rating": "string",  # A1-D4, null when excluded
    "rank": "int64",  # place in this result, from 1
    "temperature": "string",  # hot, warm, cold
    "buying_stage": "string",  # a stage of the journey
    "potential": "float64",  # in the model's own currency
    "coverage": "float64",  # 0-1
    "enough_evidence": "boolean",
    "flags": "string",  # names joined by ;
    "roles": "string",  # buying roles, joined by ;
    "answers": "string",  # BANT answers, joined by ;
    "excluded_by": "string",  # id of the first exclusion that matched
    "probability": "float64",  # 0-1, only with a calibration
    "as_of": "timestamp('UTC')",
    "known_at": "timestamp('UTC')",
    "fingerprint": "string",  # SHA-256 of the document
}

CONTRIBUTIONS: dict[str, str] = {
    "lead_id": "string",
    "model": "string",
    "axis": "string",  # profile, engagement
    "rule_id": "string",  # the rule, the group, the axis, or intercept
    "part": "string",  # rule, cap, floor
    "millipoints": "int64",
}

DETAIL: dict[str, str] = {
    "lead_id": "string",
    "model": "string",
    "axis": "string",
    "rule_id": "string",
    "activity_type": "string",  # null where the points hang on no activity
    "occurred_at": "timestamp('UTC')",
    "message_id": "string",
    "millipoints": "int64",
}
