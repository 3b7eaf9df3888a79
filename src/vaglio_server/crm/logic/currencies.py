"""Currencies by their ISO 4217 codes: those in which somebody is paid today, and what people and other systems call them."""

from functools import cache

from babel import Locale

from vaglio.text import fold

LANGUAGES = ("en", "it", "ro")  # in whose names currencies are understood
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK
DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS
KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP
TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = tuple(_CODES.split())
_ALSO = {"€": "EUR", "£": "GBP", "us$": "USD", "euros": "EUR", "pound sterling": "GBP", "lei": "RON", "leu": "RON"}


def currency_of(text: str) -> str | None:
    """Return the code of a currency that is written as its code, its sign or its name; None for what is none, or of several countries."""
    return _called().get(" ".join(fold(text).split()))


@cache
def _called() -> dict[str, str]:
    names: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).currencies.items():
            if code in CURRENCIES:
                names.setdefault(fold(name), set()).add(code)
    return {name: min(codes) for name, codes in names.items() if len(codes) == 1} | _ALSO | {fold(code): code for code in CURRENCIES}
