"""Which company a mail address belongs to, if it says so at all."""

from functools import lru_cache

from disposable_email_domains import blocklist
from publicsuffixlist import PublicSuffixList

# Providers that give anybody an address: the large ones, then Italy's and Romania's.
_FREE = """
gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr hotmail.it live.com live.it live.co.uk live.nl msn.com yahoo.com
yahoo.co.uk yahoo.co.in yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ro ymail.com rocketmail.com aol.com icloud.com me.com mac.com proton.me
protonmail.com pm.me tutanota.com tuta.io gmx.com gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de mail.com email.com zoho.com
zohomail.com fastmail.com fastmail.fm hey.com yandex.com yandex.ru mail.ru bk.ru list.ru inbox.ru rambler.ru qq.com 163.com 126.com
sina.com naver.com daum.net hanmail.net orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr btinternet.com sky.com
virginmedia.com ntlworld.com talktalk.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
rogers.com shaw.ca bigpond.com telstra.com uol.com.br bol.com.br terra.com.br ig.com.br seznam.cz centrum.cz wp.pl o2.pl onet.pl
interia.pl abv.bg ukr.net telenet.be skynet.be ziggo.nl kpnmail.nl home.nl planet.nl bluewin.ch telefonica.net telia.com libero.it
virgilio.it tiscali.it alice.it tin.it tim.it inwind.it iol.it fastwebnet.it tiscalinet.it poste.it vodafone.it email.it aruba.it pec.it
legalmail.it postecert.it yahoo.com.ro personal.ro rdslink.ro clicknet.ro xnet.ro k.ro home.ro
"""
FREE = frozenset(_FREE.split())


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def company_domain(email: str) -> str | None:
    """Return the domain that a company registered, of its people's mail addresses; None: it says nothing about a company.

    ``anna@mail.acme.co.uk`` is of ``acme.co.uk``. Addresses of free and disposable providers say nothing.
    """
    _name, _at, host = email.strip().lower().rpartition("@")
    try:
        host = host.rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return None
    found = _suffixes().privatesuffix(host) if host else None
    if found is None or found in FREE or found in blocklist or host in blocklist:
        return None
    return str(found)


def is_disposable(email: str) -> bool:
    """Whether a mail address is of a provider whose addresses are thrown away, or below one."""
    host = email.strip().lower().rpartition("@")[2].rstrip(".")
    parts = host.split(".")
    return any(".".join(parts[place:]) in blocklist for place in range(len(parts) - 1))
