"""Which engines the stored scores are from, and how far their renewal is. Light on purpose: readers ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from listen.store import generations, mirror
from listen.store.sqlite import Connection

SCORED_BY = "scored_by"
"""Name of the state: language -> engine that the stored scores are from."""

UNDER_WAY = "rescoring"

INTENTS = "intents"
"""In the place of a language: the version of the patterns by which stored mentions were read for intents."""

NAMES = "names"
"""The same: the version of the brands' names that are not scored (`listen.namesakes`)."""

BESIDE = {INTENTS: "intents by other patterns", NAMES: "brands have other names"}
"""All of these, and what people are told when one has changed."""


class Rescoring(NamedTuple):
    """What is scored anew, and how far that is."""

    engines: Mapping[str, str]
    """Language -> the engine that all its mentions are scored by in the end."""
    languages: Sequence[str]
    """Those whose engine is another one than before, or gone."""
    done_to: int
    """The stored mentions from this id on are done."""
    changed: int
    """Mentions whose score or intents have changed so far."""
    parts: Mapping[str, int]
    """The same by the number of their partition."""
    share: float = 0.0
    """Of the stored mentions that are done, 0 to 1."""


def scored_by(connection: Connection) -> dict[str, str]:
    """Language -> the engine that the stored scores are from, as far as that is known."""
    return dict(json.loads(mirror.state(connection, SCORED_BY) or "{}"))


def under_way(connection: Connection) -> Rescoring | None:
    """What is scored anew at the moment."""
    told = mirror.state(connection, UNDER_WAY)
    if told is None:
        return None
    job = Rescoring(**json.loads(told))
    return job._replace(share=generations.progress(connection, job.done_to))


def sentence(job: Rescoring) -> str:
    """How far it is, for people."""
    langs = [lang for lang in job.languages if lang not in BESIDE]
    told = [f"{lang} by {job.engines[lang]}" if lang in job.engines else f"{lang} no more" for lang in langs]
    told += [why for name, why in BESIDE.items() if name in job.languages]
    return f"what is stored is scored anew, {min(job.share, 0.99):.0%} done, newest first: {', '.join(told)}"
