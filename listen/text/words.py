"""Folding and tokens: the one reading of words that the index, the queries and the predicate share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

TOKENIZER = f"1/{unicodedata.unidata_version}"
"""Version of the tokens: ours and Unicode's, since another table folds otherwise. A change asks for a new index."""

# Invisible signs inside a word hide it from a search without changing its look: controls, soft hyphen, zero-width
# signs, direction marks, variation selectors, tag characters. The Arabic stretcher and skin tones of emoji likewise.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff"
)
# Accents only where they are accents. Thai, Indic and kana marks tell words apart and stay.
_ACCENTS = (
    "\u0300-\u034e\u0350-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_DROPPED = re.compile(f"[{_INVISIBLE}{_ACCENTS}]")
_HIDING = re.compile("[\x00-\x08\x0e-\x1b\x7f]+")
_STROKED = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
_ASCII = frozenset(map(chr, range(128)))
_MANY = 8  # from so many different signs on, one pass over the text is quicker than a replacement for each

# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_RUN = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# \w leaves out the vowel signs of these: Syriac, Thaana, N’Ko, the scripts of India, Tibetan.
_MARKED = "\u0711\u0730-\u074a\u07a6-\u07b0\u07eb-\u07f3\u0900-\u0963\u0966-\u0dff\u0f00-\u0fbc"
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
_LONGEST = 64  # longer words are cut into several tokens: FTS5 cuts at 32 KB, and nobody types such a word
_MARK = re.compile(rf"[#@](?<!\w[#@])(?:\w|[{_MARKED}{_RUN}]){{1,{_LONGEST}}}")
_RUNS = re.compile(f"([{_RUN}]+)")
_WORD = re.compile(rf"\w{{1,{_LONGEST}}}|[{_EMOJI}]")
HANDLE = re.compile(r"(?<![\w.])@(\w(?:[\w.-]*\w)?(?:@\w(?:[\w.-]*\w)?)?)")
"""A handle as it is written in a text, with the host that a federated one may have."""

_MARKED_WORD = re.compile(rf"[\w{_MARKED}]{{1,{_LONGEST}}}|[{_EMOJI}]")
_ASCII_WORD = re.compile(rf"[a-z0-9]{{1,{_LONGEST}}}")
_IS_RUN = re.compile(f"[{_RUN}]")
_IS_MARKED = re.compile(f"[{_MARKED}]")
_PUNCTUATION = frozenset("’‘‚“”„«»‹›–—―•·¡¿°§€£¥®©")  # replaced by spaces, most European text is ASCII once folded
_LINK = re.compile("https?://[!-~]+")
_PLAIN_RUN = re.compile("[\t\n\r -~]+(?=[\t\n\r -~]|$)")  # a mark may follow the last sign before another script
_KOREAN_PART = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff]")


class Placed(NamedTuple):
    """A token and where it was written: `text[start:end]`, with the marks and invisible signs that follow."""

    token: str
    start: int
    end: int


def fold(text: str) -> str:
    """The text as it is compared: compatibility forms and case made equal, accents and invisible signs gone.

    NFKC, full case folding, accents of Latin, Greek, Cyrillic, Hebrew and Arabic dropped (elsewhere marks are letters),
    NFC again, so that が stays one sign. Folding twice changes nothing.
    """
    if text.isascii():
        text = text.lower()
        return text if text.isprintable() else _HIDING.sub("", text)
    if "™" in text or "℠" in text:  # NFKC makes Acme™ an "acmetm"
        text = text.replace("™", " ").replace("℠", " ")
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKD", text)
    changes = {sign: plain for sign in set(text) - _ASCII if (plain := _plain(sign)) != sign}
    if len(changes) > _MANY:
        text = text.translate({ord(sign): plain for sign, plain in changes.items()})
    else:
        for sign, plain in changes.items():
            text = text.replace(sign, plain)
    if not text.isprintable():
        text = _HIDING.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    """What a decomposed sign outside ASCII leaves: nothing, its letters without a stroke, or itself."""
    return "" if _DROPPED.match(sign) else _STROKED.get(sign, sign)


def tokens(text: str) -> tuple[list[str], list[str]]:
    """Words of a text in order, and its marks (`#tag`, `@handle`), each once in order.

    A tag or handle also stands among the words as its bare word. Scripts without spaces give overlapping pairs
    (東京都 -> 東京 京都 都), emoji a token each, links nothing (they have fields of their own). A token holds letters,
    digits and signs outside ASCII, and `_` inside a mark, so that FTS5's `ascii` tokenizer with
    `tokenchars '#@_'` keeps it whole.
    """
    words, marks, _ = _scan(text)
    return words, marks


def placed_tokens(text: str) -> tuple[list[Placed], list[Placed]]:
    """What `tokens` finds, with its places in the text: the words, and the marks each time they stand there.

    A place covers whole letters: of `½`, which gives the words 1 and 2, both have the place of the whole sign.
    """
    folded, starts, ends = _aligned(text)
    cleared = _cleared(folded, _blanked)

    def placed(token: str, at: int) -> Placed:
        return Placed(token, starts[at], ends[at + len(token) - 1])

    marks = [placed(found[0], found.start()) for found in _MARK.finditer(cleared)]
    spaced = cleared.replace("_", " ")
    words: list[Placed] = []
    at = 0
    for place, piece in enumerate(_RUNS.split(spaced)):
        if place % 2:
            words += [placed(piece[start : start + 2], at + start) for start in range(len(piece))]
        else:
            words += [placed(found[0], at + found.start()) for found in _word_of(spaced).finditer(piece)]
        at += len(piece)
    return words, marks


def query_tokens(word: str) -> tuple[list[str], bool]:
    """Tokens that a text holding this word has side by side, and whether the last one may go on.

    Where the word ends in a script without spaces, its last sign may be followed by another one in the text: a pair is
    enough (東京都 -> 東京 京都), and a single sign is the start of a pair (東 -> 東*).
    """
    words, _, last_run = _scan(word)
    if last_run > 1:
        return words[:-1], False
    return words, last_run == 1


def _scan(text: str) -> tuple[list[str], list[str], int]:
    """Words, marks, and how many signs the run without spaces has that the text ends in (0: it ends in none)."""
    folded = fold(text)
    if "://" in folded or not folded.isascii():
        folded = _cleared(folded, " ")
    marks = list(dict.fromkeys(_MARK.findall(folded))) if "#" in folded or "@" in folded else []
    if folded.isascii():
        return _ASCII_WORD.findall(folded), marks, 0
    spaced = folded.replace("_", " ")
    word = _word_of(spaced)
    if not _IS_RUN.search(spaced):
        return word.findall(spaced), marks, 0
    words: list[str] = []
    last_run = 0
    for place, piece in enumerate(_RUNS.split(spaced)):
        if place % 2:
            words += [piece[start : start + 2] for start in range(len(piece))]
            last_run = len(piece)
        elif found := word.findall(piece):
            words += found
            last_run = 0
    return words, marks, last_run


def _cleared(folded: str, instead: str | Callable[[re.Match[str]], str]) -> str:
    """Without links, which become `instead`, and without the usual punctuation, which becomes blanks."""
    if "://" in folded:
        folded = _LINK.sub(instead, folded)
    if not folded.isascii():
        for sign in _PUNCTUATION.intersection(folded):
            folded = folded.replace(sign, " ")
    return folded


def _blanked(link: re.Match[str]) -> str:
    return " " * len(link[0])


def _word_of(spaced: str) -> re.Pattern[str]:
    """What a word is in a text: some scripts have signs that are letters for their readers alone."""
    return _MARKED_WORD if _IS_MARKED.search(spaced) else _WORD


# --- places ----------------------------------------------------------------------------------------------------------


def _aligned(text: str) -> tuple[str, list[int], list[int]]:
    """The folded text, and for each of its signs the start and the end of what was folded into it.

    The text is folded piece by piece: plain ASCII at once, else a letter with all that may change together with it.
    """
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    begin, size = 0, len(text)
    while begin < size:
        if plain := _PLAIN_RUN.match(text, begin):
            end = plain.end()
            folded.append(plain[0].lower())
            starts += range(begin, end)
            ends += range(begin + 1, end + 1)
        else:
            end = begin + 1
            while end < size and not _stands_alone(text[end]):
                end += 1
            piece = _folded_letter(text[begin])
            if end > begin + 1:
                end, piece = _attached(text, begin, end, piece)
            folded.append(piece)
            starts += [begin] * len(piece)
            ends += [end] * len(piece)
        begin = end
    return "".join(folded), starts, ends


def _attached(text: str, begin: int, end: int, alone: str) -> tuple[int, str]:
    """The end of a letter with the marks behind it, and how they fold together. To a blank no mark belongs."""
    piece = fold(text[begin:end])
    blank = piece != alone and not text[begin].isalnum() and _stands_alone(text[begin])
    if blank and piece == alone + fold(text[begin + 1 : end]):
        return begin + 1, alone
    return end, piece


_folded_letter = lru_cache(maxsize=4096)(fold)


@lru_cache(maxsize=4096)
def _stands_alone(sign: str) -> bool:
    """Whether a sign folds the same whatever stands before it: no mark, nothing invisible, no part of a Korean one."""
    for form in (fold(sign), unicodedata.normalize("NFKD", sign)):
        if not form or unicodedata.category(form[0])[0] == "M" or _KOREAN_PART.match(form):
            return False
    return True
