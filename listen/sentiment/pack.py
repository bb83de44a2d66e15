"""A language pack: the words, idioms and emoji of a language with what they weigh, and what its rules listen for.

Packs are TOML files that a person can read and extend; `packs/fr.toml` says in its comments what each part means.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

HEAVIEST = 4.0
"""Valences lie between this and its negative, as in VADER's lexicon."""

_RUN = re.compile(r"(.)\1{2,}")
_WORDS = {
    "negations", "negations_after", "particles", "only_with_particle", "near_negations", "weak", "contrasts",
    "elisions",
}  # fmt: skip
_TABLES = {"about", "rules", "lexicon", "words", "boosters", "idioms", "emoji", *_WORDS}

RULES = frozenset(("names-and-links", "typography", "emoji-variants", "likes", "long-letters", "sentences"))
"""What a pack may switch on, by name; what they do stands in `packs/en.toml` and `listen.sentiment.english`."""


Overrides = tuple[tuple[str, float], ...]
"""Words, lower-case, that weigh something else than the pack says, and what; in the order of the alphabet."""


class PackError(Exception):
    """A language pack that cannot be read: which file, where in it, what was expected."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What the rules of one language need, folded to lower case."""

    lang: str
    name: str
    """Name and version: stored with every score."""
    words: Mapping[str, float]
    """Word or emoticon -> valence; words with accents stand here without them, too, unless that is another word."""
    silent: frozenset[str]
    """Words that weigh nothing, though another lexicon has them."""
    emoji: Mapping[str, float]
    boosters: Mapping[str, float]
    idioms: Mapping[str, tuple[tuple[tuple[str, ...], float], ...]]
    """First word -> (all its words, valence) of the idioms that begin with it, the longest first."""
    negations: frozenset[str] = frozenset()
    """Words that turn one of the three words after them round: `pas`, `sans`."""
    negations_after: frozenset[str] = frozenset()
    """Words that turn a verb before them round: `je n'aime pas`."""
    particles: frozenset[str] = frozenset()
    """What goes before a verb that is negated behind: `ne`, `n'`."""
    only_with_particle: frozenset[str] = frozenset()
    """Negations that without a particle say something else: `plus`."""
    near_negations: frozenset[str] = frozenset()
    """Negations that reach two words only: `sans`."""
    weak: frozenset[str] = frozenset()
    """Words that turn praise right after them into mild blame: `peu`."""
    contrasts: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    """Those of `RULES` that are on."""
    elisions: frozenset[str] = frozenset()
    """What ends in an apostrophe and stands for a word of its own: `l'`, `n'`."""
    known: dict[str, float | None] = field(default_factory=dict, compare=False)
    """Words looked up so far."""

    def valence(self, word: str) -> float | None:
        """What a word in lower case weighs, None when it is not in the lexicon; `bravoooo` is `bravo`."""
        try:
            return self.known[word]
        except KeyError:
            pass
        if len(self.known) >= 20_000:
            self.known.clear()
        found = self.known[word] = self._looked_up(word)
        return found

    def _looked_up(self, word: str) -> float | None:
        for spelling in (word, squeezed(word, 2), squeezed(word, 1)):
            for form in (spelling, without_accents(spelling)):
                if form in self.words:
                    return self.words[form]
        return None


def squeezed(word: str, most: int) -> str:
    """The word with `most` letters in the place of three or more of the same: `bravoooo` as `bravo`."""
    return _RUN.sub(lambda run: run[1] * most, word)


def without_accents(word: str) -> str:
    """`réglé` as `regle`."""
    if word.isascii():
        return word
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def overridden(pack: Pack, words: Mapping[str, float]) -> Pack:
    """The pack with other valences for some words and emoji of one place; with 0 they weigh nothing."""
    weights, silent, emoji = dict(pack.words), set(pack.silent), dict(pack.emoji)
    for word, valence in words.items():
        if word in emoji:
            emoji[word] = valence
            continue
        for form in (word, without_accents(word)):
            weights.pop(form, None)
            silent.discard(form)
            if valence:
                weights[form] = valence
            else:
                silent.add(form)
    return replace(pack, words=weights, silent=frozenset(silent), emoji=emoji, known={})


# --- reading ---------------------------------------------------------------------------------------------------------


def load(path: Path, *, without: Collection[str] = ()) -> Pack:
    """Read a pack, without some of its rules, named groups and lists, to measure what they do. Raises `PackError`."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PackError(f"{path}: {error}") from error
    for name in told.keys() - _TABLES:
        raise PackError(f"{path}: unknown table or key {name!r}; known are {', '.join(sorted(_TABLES))}")
    told = {name: _kept(part, without) for name, part in told.items() if name not in without}
    about = told.get("about", {})
    words = {}
    if "lexicon" in told:
        words = lexicon(path.parent / str(told["lexicon"]))
    words |= _grouped(told.get("words", []), f"{path}, words")
    boosters, emoji, idioms = (
        _grouped(told.get(part, []), f"{path}, {part}") for part in ("boosters", "emoji", "idioms")
    )
    lists = {part: frozenset(_listed(told.get(part, []), f"{path}, {part}")) for part in _WORDS}
    return Pack(
        lang=str(about.get("lang", "")),
        name=f"{about.get('name', path.stem)}-{about.get('version', 1)}",
        words=_with_plain({word: valence for word, valence in words.items() if valence}),
        silent=frozenset(word for word, valence in words.items() if not valence),
        emoji=emoji,
        boosters=boosters,
        idioms=_by_first_word(idioms, lists["elisions"]),
        negations=lists["negations"],
        negations_after=lists["negations_after"],
        particles=lists["particles"],
        only_with_particle=lists["only_with_particle"],
        near_negations=lists["near_negations"],
        weak=lists["weak"],
        contrasts=lists["contrasts"],
        elisions=lists["elisions"],
        rules=_switched_on(told.get("rules", {}), f"{path}, rules") - {*without},
    )


def _kept(part: Any, without: Collection[str]) -> Any:
    """Of groups those whose name is not left out."""
    if not isinstance(part, list):
        return part
    return [group for group in part if not isinstance(group, dict) or group.get("name") not in without]


def _switched_on(said: Any, where: str) -> frozenset[str]:
    if not isinstance(said, dict) or not all(isinstance(on, bool) for on in said.values()):
        raise PackError(f"{where}: expected names with true or false")
    for name in said.keys() - RULES:
        raise PackError(f"{where}: unknown rule {name!r}; known are {', '.join(sorted(RULES))}")
    return frozenset(name for name, on in said.items() if on)


def names(path: Path) -> list[str]:
    """The rules of a pack that are on, and its named groups: what `load` can leave out. Raises `PackError`."""
    told = tomllib.loads(path.read_text("utf-8"))
    groups = [group for part in told.values() if isinstance(part, list) for group in part if isinstance(group, dict)]
    named = [str(group["name"]) for group in groups if "name" in group]
    return list(dict.fromkeys([*sorted(load(path).rules), *named, *(part for part in told if part in _WORDS)]))


def lexicon(path: Path) -> dict[str, float]:
    """A file of lines `word<TAB>valence`; comments (`#` and no tab) and empty lines say nothing."""
    found = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise PackError(f"{path}: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or (line.startswith("#") and "\t" not in line):
            continue
        word, _, said = line.partition("\t")
        found[word.lower()] = _valence(said, f"{path}, line {number}")
    return found


def _grouped(groups: Any, where: str) -> dict[str, float]:
    """`[[words]]`: a valence and the words that have it; a later group wins."""
    found: dict[str, float] = {}
    if not isinstance(groups, list):
        raise PackError(f"{where}: expected groups in [[ ]] with `valence` and `words`")
    for number, group in enumerate(groups, 1):
        here = f"{where} {number}"
        if not isinstance(group, dict) or not {"valence", "words"} <= group.keys() <= {"valence", "words", "name"}:
            raise PackError(f"{here}: expected the keys `valence` and `words`, maybe `name`")
        valence = _valence(group["valence"], here)
        for word in _listed(group["words"], here):
            found[word] = valence
    return found


def _listed(said: Any, where: str) -> list[str]:
    """Words: a list, or a text of words between blanks."""
    if isinstance(said, str):
        return said.lower().split()
    if isinstance(said, list) and all(isinstance(word, str) for word in said):
        return [word.lower() for word in said]
    raise PackError(f"{where}: expected words between blanks, or a list of them, got {said!r}")


def _valence(said: Any, where: str) -> float:
    try:
        valence = float(said)
    except (TypeError, ValueError):
        valence = HEAVIEST + 1
    if not -HEAVIEST <= valence <= HEAVIEST:
        raise PackError(f"{where}: expected a number from -{HEAVIEST:g} to {HEAVIEST:g}, got {said!r}")
    return valence


def _with_plain(words: Mapping[str, float]) -> dict[str, float]:
    """The words, and each without its accents where that is not a word of its own."""
    found = dict(words)
    for word, valence in words.items():
        found.setdefault(without_accents(word), valence)
    return found


def _by_first_word(
    said: Mapping[str, float], elisions: frozenset[str]
) -> dict[str, tuple[tuple[tuple[str, ...], float], ...]]:
    found: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for phrase, valence in said.items():
        words = tuple(part for word in phrase.split() for part in split_elision(word, elisions))
        for form in dict.fromkeys((words, tuple(map(without_accents, words)))):
            found.setdefault(form[0], []).append((form, valence))
    return {first: tuple(sorted(some, key=_longest_first)) for first, some in found.items()}


def _longest_first(idiom: tuple[tuple[str, ...], float]) -> int:
    return -len(idiom[0])


def split_elision(word: str, elisions: Iterable[str]) -> tuple[str, ...]:
    """`n'aime` as `n'` and `aime`; other words as they are."""
    cut = word.find("'") + 1
    if 1 < cut < len(word) and word[:cut].lower() in elisions:
        return word[:cut], word[cut:]
    return (word,)
