"""What a topic's corrections suggest that it be taught: words, where negative and positive begin, a model.

Each suggestion tells what it would do to the mentions that are stored, and how well it agrees with the labels. Nothing
is taught here: people accept it, or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from listen.insight import teaching_words
from listen.insight.teaching_subject import Effect, Subject, Word, effect_of_newest, subject_of
from listen.sentiment.learning import FOR_BEGINS, FOR_MODEL, OF_EACH, Begins, Example, Gain, compared, enough
from listen.sentiment.learning import begins as begins_of
from listen.sentiment.learning import model as model_of
from listen.sentiment.teaching import Model, Teaching
from listen.store.read import Reader


class NoTopic(Exception):
    """There is no such topic."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Thresholds or a model with what it gains; or why there is none to offer."""

    labels: int
    refused: str = ""
    gain: Gain | None = None
    begins: Begins | None = None
    model: Model | None = None
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All that a topic's labels suggest."""

    topic: str
    labels: int
    agreed: int
    """Labels with which the scores agree that the topic gives now."""
    taught: Teaching
    """What has been taught already."""
    words: Sequence[Word]
    begins: Learned
    model: Learned


def suggestions(reader: Reader, topic: str, *, now: float) -> Suggestions:
    """What its labels suggest; takes some seconds where there are thousands of them. Raises NoTopic."""
    subject = _subject(reader, topic)
    sides = [subject.side(one, subject.taught) for one in subject.labelled]
    examples = _examples(subject)
    return Suggestions(
        topic=topic,
        labels=len(subject.labelled),
        agreed=sum(side == one.label for side, one in zip(sides, subject.labelled, strict=True)),
        taught=subject.taught,
        words=teaching_words.suggested(reader, subject, sides, now=now),
        begins=_with_effect(reader, subject, _begins(subject, examples)),
        model=_with_effect(reader, subject, _model(subject, examples)),
    )


def learned(reader: Reader, topic: str) -> Learned:
    """A model of its labels, with what it gains. Raises NoTopic."""
    subject = _subject(reader, topic)
    return _model(subject, _examples(subject))


def _subject(reader: Reader, topic: str) -> Subject:
    subject = subject_of(reader, topic)
    if subject is None:
        raise NoTopic(topic)
    return subject


def _examples(subject: Subject) -> list[Example]:
    """The labels with what the lexicon and the words that were taught say; what cannot be read teaches nothing."""
    plain = replace(subject.taught, begins=None, model=None)
    found = []
    for one in subject.labelled:
        heard = subject.heard(one, plain)
        if heard is not None and one.label is not None:
            found.append(Example(str(one.id), one.text, one.lang, heard, one.label))
    return found


def _begins(subject: Subject, examples: Sequence[Example]) -> Learned:
    if subject.taught.model is not None:
        return Learned(len(examples), f"{subject.name} has a model, which says where negative and positive begin")
    if (
        why := _too_few(examples, FOR_BEGINS, "where negative and positive begin", {-1: "negative", 1: "positive"})
    ) is not None:
        return Learned(len(examples), why)

    def learn(some: Sequence[Example]) -> Teaching:
        return Teaching(begins=begins_of(some))

    found = learn(examples).begins
    gain = compared(examples, replace(subject.taught, words={}), learn)
    if found == subject.taught.begins:
        return Learned(len(examples), "negative and positive begin where the labels say already", gain)
    return _worth(Learned(len(examples), gain=gain, begins=found))


def _model(subject: Subject, examples: Sequence[Example]) -> Learned:
    if (why := _too_few(examples, FOR_MODEL, "a model", {-1: "negative", 0: "neutral", 1: "positive"})) is not None:
        return Learned(len(examples), why)
    name = f"{subject.name} (offered)"

    def learn(some: Sequence[Example]) -> Teaching:
        return Teaching(model=model_of(some, name))

    gain = compared(examples, replace(subject.taught, words={}, model=None), learn)
    return _worth(Learned(len(examples), gain=gain, model=learn(examples).model))


def _too_few(examples: Sequence[Example], needed: int, what: str, sides: Mapping[int, str]) -> str | None:
    if len(examples) < needed:
        return f"{what}: from {needed} labels on, there are {len(examples)}"
    if not enough(examples, sides):
        return f"{what}: wants {OF_EACH} labels each that say {', '.join(sides.values())}"
    return None


def _worth(found: Learned) -> Learned:
    """Not offered when it would not do better on what it has not seen."""
    if found.gain is None or found.gain.worth:
        return found
    what = "thresholds" if found.begins else "a model"
    return replace(found, refused=f"{what} would not help: {sentence(found.gain)}", begins=None, model=None)


def _with_effect(reader: Reader, subject: Subject, found: Learned) -> Learned:
    if found.begins is None and found.model is None:
        return found
    taught = replace(subject.taught, begins=found.begins, model=found.model)
    return replace(found, effect=effect_of_newest(reader, subject, taught))


# --- in words --------------------------------------------------------------------------------------------------------


def sentence(gain: Gain) -> str:
    """`macro-F1 .594 → .624, wrong sign 12 % → 4 % on labels left out`."""
    told = f"macro-F1 {_points(gain.before.macro_f1)} → {_points(gain.after.macro_f1)}"
    before, after = gain.before.wrong_sign, gain.after.wrong_sign
    if before is not None and after is not None:
        told += f", wrong sign {before:.0%} → {after:.0%}"
    return f"{told} on labels left out"


def _points(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")


def word_sentence(topic: str, one: Word) -> str:
    """`merci = 0 for acme: 37 of 1,204 mentions flip, agrees with 9 of your 11 labels, 4 before`."""
    return (
        f"{one.word} = {one.value:g} for {topic}: {effect_sentence(one.effect)}, "
        f"agrees with {one.agrees} of your {one.labels} labels, {one.agreed} before"
    )


def effect_sentence(effect: Effect) -> str:
    """`37 of 1,204 mentions flip`."""
    return f"{effect.flips:,} of {'' if effect.all else 'the newest '}{effect.of:,} mentions flip"


def begins_sentence(topic: str, found: Learned) -> str:
    """`acme negative up to -0.20, positive from +0.65 on: …`."""
    assert found.begins is not None
    assert found.gain is not None
    low, high = found.begins
    told = f"{topic} negative up to {low / 1000:+.2f}, positive from {high / 1000:+.2f} on: {sentence(found.gain)}"
    return told if found.effect is None else f"{told}, {effect_sentence(found.effect)}"


def model_sentence(topic: str, found: Learned) -> str:
    """`a model of acme's 214 labels: …`."""
    assert found.gain is not None
    told = f"a model of {topic}'s {found.labels:,} labels: {sentence(found.gain)}"
    return told if found.effect is None else f"{told}, {effect_sentence(found.effect)}"


def record(found: Suggestions) -> dict[str, Any]:
    """All of it for scripts and for the answer to a request: each suggestion with what is asked for to accept it."""
    offers: list[dict[str, Any]] = [
        {
            "kind": "word", "word": one.word, "value": one.value, "agrees": one.agrees, "agreed": one.agreed,
            "labels": one.labels, **_effect(one.effect), "message": word_sentence(found.topic, one),
            "accept": {"teach": found.topic, "word": one.word, "value": one.value},
        }
        for one in found.words
    ]  # fmt: skip
    for kind, learned, told in (("begins", found.begins, begins_sentence), ("model", found.model, model_sentence)):
        offers += _offer(kind, found.topic, learned, told)
    refused = [one.refused for one in (found.begins, found.model) if one.refused]
    taught = {
        "words": found.taught.words,
        "begins": None if found.taught.begins is None else [one / 1_000 for one in found.taught.begins],
        "model": None if found.taught.model is None else found.taught.model.name,
    }
    return {
        "topic": found.topic, "labels": found.labels, "agreed": found.agreed, "taught": taught, "offers": offers,
        "refused": refused,
    }  # fmt: skip


def _offer(kind: str, topic: str, found: Learned, told: Callable[[str, Learned], str]) -> list[dict[str, Any]]:
    if (found.begins is None and found.model is None) or found.gain is None or found.effect is None:
        return []
    begins = None if found.begins is None else [one / 1_000 for one in found.begins]
    return [
        {
            "kind": kind, "begins": begins, "labels": found.labels, "macro_f1": round(found.gain.after.macro_f1, 4),
            "macro_f1_before": round(found.gain.before.macro_f1, 4), "wrong_sign": found.gain.after.wrong_sign,
            "wrong_sign_before": found.gain.before.wrong_sign, **_effect(found.effect), "message": told(topic, found),
            "accept": {"teach": topic, "begins": begins} if begins else {"teach": topic, "model": True},
        }
    ]  # fmt: skip


def _effect(effect: Effect) -> dict[str, Any]:
    return {"flips": effect.flips, "of": effect.of, "all": effect.all}
