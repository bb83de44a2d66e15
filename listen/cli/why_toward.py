"""The part of `why` that tells the score toward each topic, word by word. Nothing is imported before it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from listen.insight.taught import Taught
    from listen.model import Mention, Tracked
    from listen.sentiment.stored import Heard
    from listen.store.read import Reader

PLACES = {
    "clause": "",
    "beside": "in another clause: counts half",
    "rival": "said of another one: does not count",
    "name": "in a name: does not count",
}
FAR = "too far away: does not count"


def tracked(reader: Reader, mention: Mention, now: float) -> dict[str, Tracked]:
    """The topics that it matches, by name."""
    from listen.model import Tracked

    return {
        one.name: Tracked(one.query, one.name, one.role)
        for one in reader.topics(now=now)
        if one.name in mention.topics
    }  # fmt: skip


def _heard(
    mention: Mention, topics: Mapping[str, Tracked], only: str | None
) -> Iterator[tuple[str, Heard | None, str]]:
    """(topic, where its score comes from, why that is not told)"""
    from listen.sentiment.stored import heard_toward

    told = heard_toward(mention, topics)
    for name in topics:
        if only is not None and name != only:
            continue
        heard = told.get(name)
        if mention.score is None:
            yield name, None, "not scored"
        elif name not in told:
            yield name, None, "by another version of the engine: its words are not known"
        elif heard is None:
            yield name, None, "the whole text's: it is not named in what was scored"
        elif mention.correction is None and heard.score != mention.topics[name]:
            yield name, None, "by another version of the engine, or by what was taught: its words are not known"
        else:
            yield name, heard, ""


def lessons(reader: Reader, mention: Mention) -> dict[str, Taught]:
    """The topics about which something was taught that concerns the mention, with what that makes of it."""
    from listen.insight.taught import taught

    return {one.topic: one for one in taught(reader, mention)}


def as_records(
    mention: Mention, topics: Mapping[str, Tracked], lessons: Mapping[str, Taught], only: str | None = None
) -> list[dict[str, Any]]:
    """Of each topic the score toward it, the places of its words in the scored text, and what a comparison gives."""
    found = []
    for name, heard, note in _heard(mention, topics, only):
        score, hits = mention.toward[name]
        record: dict[str, Any] = {
            "topic": name, "score": None if score is None else score / 1000, "hits": hits, "note": note or None
        }  # fmt: skip
        if name in lessons:
            record |= _taught_record(lessons[name])
        elif heard is not None:
            record["words"] = [
                {
                    "span": [word.start, word.end], "share": round(word.share / 1000, 4) + 0.0, "counts": word.place,
                    "moved": [{"how": moved.how, "by": moved.by} for moved in word.moved],
                }
                for word in heard.words
            ]  # fmt: skip
            record["compared"] = round(heard.compared / 1000, 4) + 0.0
        found.append(record)
    return found


def _taught_record(one: Taught) -> dict[str, Any]:
    words = [{"word": word, "share": share / 100} for word, share in one.words]
    return {"words": words, "rest": one.rest / 100, "by": one.by or None, "taught": one.taught, "note": None}


def print_all(
    mention: Mention, topics: Mapping[str, Tracked], lessons: Mapping[str, Taught], only: str | None = None
) -> None:
    """A line for each topic and for each of its words, in hundredths that add up to the score."""
    from listen.cli.records import COLOURS, GLYPHS, coloured, score_cell
    from listen.model import tone
    from listen.text import one_line

    for name, heard, note in _heard(mention, topics, only):
        score, hits = mention.toward[name]
        kind = tone(score, hits)
        print(f"\ntoward {one_line(name)} {coloured(GLYPHS[kind], COLOURS.get(kind))} {score_cell(score)}".rstrip())
        if name in lessons:
            _print_taught(lessons[name])
        elif note:
            print(f"  {note}")
        elif heard is not None:
            _print_words(mention, topics, heard)


def _print_taught(one: Taught) -> None:
    from listen.text import one_line

    for word, share in one.words:
        print(f"  {share / 100:+.2f}  {one_line(word)}")
    if one.rest:
        print(f"  {one.rest / 100:+.2f}  {f'by {one.by}' if one.by else 'exclamation marks, comparison'}")
    if one.taught:
        print(f"  taught: {one_line(', '.join(one.taught))}")


def _print_words(mention: Mention, topics: Mapping[str, Tracked], heard: Heard) -> None:
    from listen.sentiment import hundredths
    from listen.sentiment.stored import explained
    from listen.text import one_line

    told = explained(mention, topics)
    spoken = told[1] if told else ""
    shares = [*(word.share for word in heard.words), heard.compared]
    *parts, compared = hundredths(shares, round(float(f"{heard.score / 1000:.2f}") * 100))
    if heard.compared:
        print(f"  {compared / 100:+.2f}  by a comparison, or by who is left")
    for word, part in zip(heard.words, parts, strict=True):
        moved = "".join(f", {one.how} by {one_line(one.by)}" for one in word.moved)
        far = not word.share and word.place in ("clause", "beside")
        place = f", {FAR if far else PLACES[word.place]}" if far or PLACES[word.place] else ""
        shown = f"{part / 100:+.2f}" if word.share else "    0"
        print(f"  {shown}  {one_line(spoken[word.start : word.end])}{moved}{place}")
    if not heard.words and not heard.compared:
        print("  nothing is said of it")
