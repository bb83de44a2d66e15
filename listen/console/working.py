"""What is typed of a mention's tags, note and person: how it is read, and what may be meant by its beginning. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from listen.store.tags import person_of
from listen.text import fold, one_line

OFFERED = 12
"""Candidates at most."""

NOTE = "note:"
"""What a note may begin with, so that a person or nothing can be told from it."""

_DASHES = "-–−"


class Edit(NamedTuple):
    """What shall become of a mention's note and person; None leaves it as it is, "" is none."""

    note: str | None = None
    person: str | None = None

    def told(self) -> str:
        """`noted, given to ana`: as the store says it."""
        words = []
        if self.note is not None:
            words.append("noted" if self.note else "note removed")
        if self.person is not None:
            words.append(f"given to {self.person}" if self.person else "given to nobody")
        return ", ".join(words)


def shown(note: str, person: str | None) -> str:
    """A note and a person as they are typed: `@ana asks for a refund`."""
    return " ".join(part for part in (f"@{person}" if person else "", one_line(note)) if part)


def edited(text: str, note: str = "", person: str | None = None, *, all_of_it: bool = True) -> Edit:
    """What was changed, where this note and this person stood. `@` alone is nobody, `note:` alone no note.

    With `all_of_it` the text is all that shall stand: what is not in it is taken away; else what is not in it stays.
    """
    text = text.strip()
    given: str | None = "" if all_of_it else None
    if text.startswith("@"):
        name, _, text = text.partition(" ")
        given = person_of(name) or ""
    said: str | None = text.strip() or ("" if all_of_it else None)
    if text.strip().lower().startswith(NOTE):
        said = text.strip()[len(NOTE) :].strip()
    return Edit(
        None if said is None or (all_of_it and said == one_line(note)) else said,
        None if given is None or (all_of_it and given == (person or "")) else given,
    )


class Word(NamedTuple):
    """The word that the caret stands behind, without its sign."""

    start: int
    typed: str
    sign: str = ""


def word_at(text: str, column: int, kind: str) -> Word | None:
    """The word that can be completed there: any one for `tag`, the first one behind an @ for `assignee`."""
    head = text[:column]
    start = max(head.rfind(" "), head.rfind(",")) + 1
    typed = head[start:]
    if text[column : column + 1].strip():
        return None
    if kind == "assignee":
        return Word(start + 1, typed[1:], "@") if typed.startswith("@") and not head[:start].strip() else None
    sign = typed[:1] if typed[:1] and typed[0] in _DASHES else ""
    bare = typed[len(sign) :]
    skipped = len(sign) + (1 if bare.startswith("#") else 0)
    return Word(start + skipped, typed[skipped:], sign)


def offers(word: Word | None, known: Iterable[str], has: Sequence[str] = ()) -> list[str]:
    """What the word may become: behind a dash what the mentions have (`has`), else what is known."""
    if word is None:
        return []
    typed = fold(word.typed)
    names = has if word.sign and word.sign in _DASHES else known
    return [one for one in names if fold(one).startswith(typed)][:OFFERED]
