"""Telephone numbers that nobody can have."""

import re

import phonenumbers

_UP = "01234567890123456789"
_SEQUENCES = (_UP, _UP[::-1])
LEAST, MOST = 6, 15  # digits of a number without its country


def impossible(text: str) -> bool:
    """Whether no telephone has this number: too short or long for its country, no country, counted up, or one digit.

    A number without its country is judged by its digits alone. One that is possible and given to nobody passes: plans change.
    """
    digits = "".join(sign for sign in re.split(r"(?i)\s*(?:ext|x|#|int)", text)[0] if sign.isdigit())
    if not text.strip().startswith(("+", "00")) or len(digits) < 7:
        return not LEAST <= len(digits) <= MOST or is_made_up(digits)
    try:
        number = phonenumbers.parse("+" + digits.removeprefix("00") if text.strip().startswith("00") else text, None)
    except phonenumbers.NumberParseException:
        return True
    reason = phonenumbers.is_possible_number_with_reason(number)
    return reason != phonenumbers.ValidationResult.IS_POSSIBLE or is_made_up(phonenumbers.national_significant_number(number))


def is_made_up(digits: str) -> bool:
    """Whether digits are all the same, or counted up or down."""
    return len(set(digits)) == 1 or any(digits in sequence for sequence in _SEQUENCES)


def bare(text: str) -> str:
    """Return the last nine digits, by which two spellings of a number are compared; nothing where there are fewer than seven."""
    digits = "".join(sign for sign in text if sign.isdigit())
    return digits[-9:] if len(digits) >= 7 else ""
