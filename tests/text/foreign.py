"""Texts as strangers write them: what the tests of the gates feed in."""

from __future__ import annotations

from hypothesis import strategies as st

WRITING = "aZ9 éßøıİ’“…—×ςЖйё中東京都日本がガｶﾞー한국어ไทยนี้हिन्दीతెలుగుعَرَبِيمحـمدעִבְרִיតើမြန်မာ"
EMOJI = "❤️☕👍🏽👨‍👩‍👧🇫🇷🇩1️⃣🫨™①ﬁⅫ🅰"
HOSTILE = (
    "\0\a\b\t\n\v\f\r\x1b\x7f\x85\x9b\x9d\xa0\xad\u0300\u0301\u0316\u0336\u034f\u061c\u115f\u1160\u1161\u11a8\u17b4"
    "\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\u20e3\u3000\u3099\u3164\ud7c0\ue000"
    "\ufdd0\ufdfa\ufe0f\ufeff\uffa0\ufff9\ufffe\uffff\U0001d173\U0001f1e6\U0001f3fb\U000e0001\U000e0041\U000e0100"
)
SURROGATES = "\ud83d\ude00\udfff\ud800"
MARKUP = "#@_-'\"`.:/\\[](){}<>&;=?*+%"

signs = st.one_of(
    st.sampled_from(WRITING + EMOJI + HOSTILE + SURROGATES + MARKUP), st.characters(codec=None, exclude_categories=())
)
foreign = st.one_of(st.text(signs, max_size=80), st.text(st.sampled_from(HOSTILE + SURROGATES + " a"), max_size=120))
"""Anything that a decoder may hand over, lone surrogates included."""
