"""How a value is spelled as text: one set of forms for files, for what the service stores, and for what it is given.

Patterns mean the same to Python, to RE2 and to PostgreSQL, so they name signs where these differ on what a digit or a space is. Each is
of the whole text; words are in small letters, and mean the same in others.
"""

SPACE = r"[ \t\n\r]*"
INTEGER = rf"{SPACE}[+-]?[0-9]+(?:\.0*)?{SPACE}"
NUMBER = rf"{SPACE}[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?{SPACE}"
YES, NO = rf"{SPACE}(?:true|yes|1){SPACE}", rf"{SPACE}(?:false|no|0){SPACE}"
_ZONE = r" ?(?:[zZ]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
INSTANT = rf"{SPACE}[1-9][0-9]{{3}}-[0-9][0-9]-[0-9][0-9](?:[tT ]{_TIME}(?:{_ZONE})?)?{SPACE}"
