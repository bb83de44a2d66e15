"""How a mention was read, as labelled lines of the detail pane: its score word by word, its topics, what it wants.

Pure, for any thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.style import Style

from listen.console.format import full_number, sure
from listen.console.theme import GLYPHS, Palette
from listen.model import Correction, tone
from listen.text import fold, one_line

if TYPE_CHECKING:
    from listen.console.facts import Facts, Field, Pieces
    from listen.console.reasons import Aimed, Reasons, Weight
    from listen.insight.taught import Taught

READ = 2_000
"""Characters of a text that are explained."""

MOST_WORDS = 4
"""Words by which an intent is told."""

MOST_TOWARD = 4
"""Topics toward which the score is told word by word."""

TONES = {
    "neg": "negative",
    "neu": "neutral",
    "pos": "positive",
    "none": "no word of it is known",
    "unknown": "not scored",
}


def scored(facts: Facts, colours: Palette) -> Iterator[Field]:
    """The topic in view first, then the whole text, its topics, and the others of them of which it says otherwise."""
    reasons = facts.reasons
    toward = [(name, ("toward", _toward(name, aimed, colours))) for name, aimed in _told_apart(facts)]
    toward += [(one.topic, ("toward", _taught(one, colours))) for one in (reasons.taught if reasons else ())]
    in_view = reasons.in_view if reasons else None
    yield from (field for name, field in toward if name == in_view)
    yield "sentiment", _sentiment(facts, colours)
    if facts.mention.topics:
        yield "matched", _matched(facts, colours)
    yield from (field for name, field in toward if name != in_view)
    if facts.mention.intents:
        yield "wants", _wants(facts, colours)


def _told_apart(facts: Facts) -> list[tuple[str, Aimed]]:
    """The topics toward which it says something else than the whole text does."""
    toward = facts.reasons.toward if facts.reasons else {}
    return [(name, aimed) for name, aimed in toward.items() if aimed.score != facts.mention.score or len(toward) > 1][
        :MOST_TOWARD
    ]


def _toward(name: str, aimed: Aimed, colours: Palette) -> Pieces:
    """A topic, the score toward it, and what that comes from: shares that add up to it."""
    said = bool(aimed.weights or aimed.compared)
    kind = tone(aimed.score, int(said))
    told = f"{GLYPHS[kind]} {full_number(aimed.score)}" if said else GLYPHS[kind]
    pieces: Pieces = [(one_line(name, 30), colours.lit), (f" {told}", colours.tone(kind, bold=True))]
    if not said:
        pieces.append((" nothing is said of it", colours.faint))
    if aimed.compared:
        pieces += [("   compared", colours.plain), _share(aimed.compared, colours)]
    for weight in aimed.weights:
        pieces += _weight(_movers(weight), weight.written, weight.hundredths, colours)
        if weight.beside:
            pieces.append((" elsewhere ×½", colours.faint))
    count, rest = aimed.others
    if count:
        pieces += _weight("", f"{count} more", rest, colours)
    if aimed.elsewhere:
        pieces.append((f"   of others: {', '.join(one_line(word, 24) for word in aimed.elsewhere)}", colours.faint))
    return pieces


def _taught(one: Taught, colours: Palette) -> Pieces:
    """The score toward a topic by what was taught about it: its words, what is left, and what was taught."""
    kind = tone(one.score, one.hits)
    told = f"{GLYPHS[kind]} {full_number(one.score)}" if one.hits else GLYPHS[kind]
    pieces: Pieces = [(one_line(one.topic, 30), colours.lit), (f" {told}", colours.tone(kind, bold=True))]
    for word, share in one.words:
        pieces += _weight("", word, share, colours)
    if one.rest:
        pieces += _weight("", one.by or "! ? and comparison", one.rest, colours)
    if one.taught:
        pieces.append((f"   taught {one_line(', '.join(one.taught), 60)}", colours.faint))
    return pieces


def _sentiment(facts: Facts, colours: Palette) -> Pieces:
    mention, reasons = facts.mention, facts.reasons
    kind = mention.tone
    sign = GLYPHS[kind]
    if mention.correction is not None:
        pieces = [(f"{sign} {TONES[kind]}", colours.tone(kind, bold=True)), *_corrected(mention.correction, colours)]
        return pieces + (_weights(reasons, colours) if reasons is not None and reasons.weights else [])
    if kind == "unknown":
        reason = f" not scored: {mention.unscored or 'no reason is known'}"
        return [(sign, colours.tone(kind, bold=True)), (reason, colours.plain)]
    if kind == "none":
        return [(sign, colours.faint), (f" {TONES[kind]}", colours.faint)]
    pieces = [
        (f"{sign} {full_number(mention.score or 0)}", colours.tone(kind, bold=True)),
        (f" {TONES[kind]}", colours.faint),
    ]
    if reasons is not None and reasons.weights:
        pieces += _weights(reasons, colours)
        if len(mention.text) > READ:
            pieces.append((f"   in its first {READ:,} characters", colours.faint))
    elif mention.hits:
        pieces.append((f"   {mention.hits} word{'' if mention.hits == 1 else 's'} known", colours.faint))
    return pieces


def _corrected(correction: Correction, colours: Palette) -> Pieces:
    """Who said so, and what was computed."""
    computed = tone(correction.was, correction.hits)
    pieces: Pieces = [(f"   corrected by {sure(correction.by)}, was", colours.faint)]
    if computed in ("unknown", "none"):
        return [*pieces, (" not scored" if computed == "unknown" else f" {TONES[computed]}", colours.faint)]
    return [*pieces, (f" {full_number(correction.was or 0)}", colours.tone(computed))]


def _weights(reasons: Reasons, colours: Palette) -> Pieces:
    """Word by word, with the words that moved it: shares of the score, which add up to it."""
    told = [(_movers(weight), weight.written, weight.hundredths) for weight in reasons.weights]
    count, rest = reasons.others
    if count:
        told.append(("", f"{count} more", rest))
    if reasons.emphasis:
        told.append(("", "! and ?", reasons.emphasis))
    pieces: Pieces = []
    for movers, word, share in told:
        pieces += _weight(movers, word, share, colours)
    if any(moved.by == "but" for weight in reasons.weights for moved in weight.moved):
        pieces.append(("   before but ×½, after it ×1½", colours.faint))
    return pieces


def _weight(movers: str, word: str, share: int, colours: Palette) -> Pieces:
    """A word with what moved it and its share, set apart from what stands before."""
    moved = [(f"   {one_line(movers, 24)}", colours.faint)] if movers else []
    return [*moved, (f"{' ' if movers else '   '}{one_line(word, 24)}", colours.plain), _share(share, colours)]


def _share(share: int, colours: Palette) -> tuple[str, Style]:
    return f" {share / 100:+.2f}", colours.tone("pos" if share > 0 else "neg" if share < 0 else "neu")


def _movers(weight: Weight) -> str:
    """The words beside it that flipped, boosted or damped it. Capitals are seen, and a `but` is told once for all."""
    return " ".join(moved.by for moved in weight.moved if moved.by not in ("but", "capitals"))


def _matched(facts: Facts, colours: Palette) -> Pieces:
    """The topics, by which words, and the tone toward each where it is another one than the mention's."""
    mention, reasons = facts.mention, facts.reasons
    pieces: Pieces = []
    for name, score in mention.topics.items():
        pieces.append((f"   {one_line(name, 40)}" if pieces else one_line(name, 40), colours.lit))
        toward = tone(score, mention.hits_toward.get(name, mention.hits))
        if (score, toward) != (mention.score, mention.tone):
            told = f" {GLYPHS[toward]} {full_number(score)}" if score is not None else f" {GLYPHS[toward]}"
            pieces.append((told, colours.tone(toward)))
        by = reasons.topics.get(name, ()) if reasons else ()
        for place, word in enumerate(by):
            pieces.append((" by" if not place else " ·", colours.faint))
            pieces.append((f" {one_line(word, 30)}", colours.plain))
        if reasons and not by and name in reasons.topics and len(mention.text) > READ:
            pieces.append((f" beyond the first {READ:,} characters", colours.faint))
    return pieces


def _wants(facts: Facts, colours: Palette) -> Pieces:
    """What its author wants, and by which words."""
    pieces: Pieces = []
    for name in facts.mention.intents:
        pieces.append((f"   {sure(name)}" if pieces else sure(name), colours.lit))
        words = list(dict.fromkeys(map(fold, facts.reasons.intents.get(name, ())))) if facts.reasons else []
        for place, word in enumerate(words[:MOST_WORDS]):
            pieces.append((" by" if not place else " ·", colours.faint))
            pieces.append((f" {one_line(word, 30)}", colours.plain))
    return pieces
