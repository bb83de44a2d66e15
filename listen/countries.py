"""Countries as two small letters of ISO 3166, and the domains that belong to them. Imports nothing of listen."""

from __future__ import annotations

GENERIC = frozenset({
    "ac", "ag", "ai", "bz", "cc", "cd", "cf", "co", "cx", "dj", "eu", "fm", "ga", "gd", "gg", "gq", "gs", "im",
    "io", "je", "la", "ly", "me", "ml", "ms", "nu", "pw", "sc", "sh", "so", "st", "su", "tk", "tl", "tm", "to",
    "tv", "vc", "vg", "ws",
})  # fmt: skip
"""Domains of two letters that anybody takes for what they sound like, and the one of a union: they tell no country."""

_WRITTEN = """
ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz ca
cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk fm fo fr
ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm
jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp
mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py
qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn
to tr tt tv tw tz ua ug um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
ac cp dg ea eu ic ta un xk
"""
CODES = frozenset(_WRITTEN.split())
"""ISO 3166-1 of 2024; in the last line what it reserves for others, and Kosovo, since platforms tell these, too."""

_ALIASES = {"uk": "gb"}
"""What people and domains write -> what ISO 3166 says."""

NAMES = {
    "america": "us", "argentina": "ar", "australia": "au", "austria": "at", "belgium": "be", "brazil": "br",
    "britain": "gb", "canada": "ca", "chile": "cl", "china": "cn", "czechia": "cz", "denmark": "dk", "egypt": "eg",
    "england": "gb", "finland": "fi", "france": "fr", "germany": "de", "greece": "gr", "hungary": "hu", "india": "in",
    "indonesia": "id", "ireland": "ie", "israel": "il", "italy": "it", "japan": "jp", "korea": "kr",
    "luxembourg": "lu", "mexico": "mx", "morocco": "ma", "netherlands": "nl", "nigeria": "ng", "norway": "no",
    "poland": "pl", "portugal": "pt", "romania": "ro", "russia": "ru", "spain": "es", "sweden": "se",
    "switzerland": "ch", "thailand": "th", "tunisia": "tn", "turkey": "tr", "ukraine": "ua", "usa": "us",
    "vietnam": "vn", "cs": "cz", "da": "dk", "el": "gr", "en": "gb", "ja": "jp", "ko": "kr", "zh": "cn",
}  # fmt: skip
"""What may have been meant: names of countries, and languages whose codes are taken for one."""


def code(given: str) -> str | None:
    """A country as it is stored; None for what is none."""
    small = given.strip().lower()
    small = _ALIASES.get(small, small)
    return small if small in CODES else None


def of_host(host: str) -> str | None:
    """The country that the host's domain belongs to: `fr` for lemonde.fr, `gb` for bbc.co.uk, None for acme.com."""
    _, dot, last = host.rpartition(".")
    return code(last) if dot and last not in GENERIC else None
