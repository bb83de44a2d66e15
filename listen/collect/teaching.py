"""Teaching a topic while the program runs: what shall stand in `console.toml`, and a model's file.

`{"teach": topic, "word": word, "value": number}` gives a word another weight, no value that of the lexicon;
`{"teach": topic, "begins": [negative, positive]}` says where these begin, `null` that they begin where they usually do;
`{"teach": topic, "model": true}` learns a model of the labels, `null` does without one, and a file's name takes that.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from listen.clock import Clock
from listen.collect.topics import Refused, known
from listen.config import Config
from listen.config.edits import Entry, console_file, replace, standing
from listen.text import one_line

TABLE = "teaching"
HEAVIEST = 4.0

T = TypeVar("T")


def wanted(config: Config, body: Mapping[str, Any], clock: Clock) -> tuple[str, Entry | None, str]:
    """(topic, what shall stand in `console.toml` about it, what has happened in a sentence). Raises Refused."""
    topic = str(body["teach"])
    known(config, topic)
    entry = dict(_standing(config).get(topic, {}))
    if "word" in body:
        told = _word(config, topic, entry, str(body["word"]), body.get("value"))
    elif "begins" in body:
        told = _begins(config, topic, entry, body["begins"])
    else:
        told = _model(config, topic, entry, body.get("model"), clock)
    where = console_file(config.files[0])
    return topic, entry or None, f"{told}, by {where}; what is stored is scored anew"


def _standing(config: Config) -> dict[str, dict[str, Any]]:
    file = console_file(config.files[0])
    try:
        return standing(file).get(TABLE, {})
    except (OSError, ValueError) as error:
        raise Refused(f"{file} cannot be changed: {error}") from None


def _word(config: Config, topic: str, entry: dict[str, Any], word: str, value: Any) -> str:
    word = word.strip().lower()
    if not word or len(word.split()) > 1:
        raise Refused(f'"{one_line(word, 40)}" is not one word; give a word as it stands in the texts')
    words = dict(entry.get("words", {}))
    if value is None:
        if word not in words:
            there = word in config.tables[TABLE].get(topic, {}).get("words", {})
            where = f"it stands in {config.files[0]}, so it is changed there" if there else "nobody taught it anything"
            raise Refused(f"{word} cannot be taken back for {topic}: {where}")
        del words[word]
    elif not _is_number(value) or not -HEAVIEST <= value <= HEAVIEST:
        raise Refused(f"a word weighs from -{HEAVIEST:g} to {HEAVIEST:g}, not {value!r}")
    else:
        words[word] = _plain(value)
    _put(entry, "words", words or None)
    return f"{word} weighs {'what the lexicon says' if value is None else f'{value:g}'} for {topic} from now on"


def _begins(config: Config, topic: str, entry: dict[str, Any], value: Any) -> str:
    if value is None:
        _ours(config, topic, entry, "negative", "positive")
        for key in ("negative", "positive"):
            entry.pop(key, None)
        return f"negative and positive begin for {topic} where they do elsewhere"
    pair = value if isinstance(value, list | tuple) else ()
    if len(pair) != 2 or not all(_is_number(one) and -1 <= one <= 1 for one in pair) or pair[0] >= pair[1]:
        raise Refused("expected where negative and where positive begin, such as -0.2 0.4, the first below the second")
    entry["negative"], entry["positive"] = map(_plain, pair)
    return f"for {topic} a mention is negative up to {pair[0]:+g} and positive from {pair[1]:+g} on"


def _model(config: Config, topic: str, entry: dict[str, Any], value: Any, clock: Clock) -> str:
    if value is None:
        _ours(config, topic, entry, "model")
        entry.pop("model", None)
        return f"{topic} is scored without a model"
    if value is not True:
        entry["model"] = str(value)
        return f"{topic} is scored by {value}"
    entry["model"], told = _learned(config, topic, clock)
    return f"{topic} is scored by {entry['model']}, {told}"


def _learned(config: Config, topic: str, clock: Clock) -> tuple[str, str]:
    """Learn a model of the topic's labels and write its file, never over another one; its path, and how good it is."""
    from datetime import UTC, datetime

    from listen.insight import teaching
    from listen.sentiment import models
    from listen.sentiment.teaching import safe_name
    from listen.store.read import Reader

    folder = config.folder / models.FOLDER
    with Reader(config.store) as reader:
        found = _known(lambda: teaching.learned(reader, topic), topic)
    if found.refused or found.gain is None or found.model is None:
        raise Refused(found.refused or f"there is nothing to learn for {topic}")
    name = _free(folder, safe_name(topic))
    day = datetime.fromtimestamp(clock.now(), UTC).date().isoformat()
    text = models.written(found.model, topic, found.labels, day, found.gain)
    try:
        _make(folder)
        replace(folder / name, text)
    except OSError as error:
        raise Refused(f"{folder / name} cannot be written: {error.strerror}") from None
    return f"{models.FOLDER}/{name}", f"learned from {found.labels:,} labels: {teaching.sentence(found.gain)}"


def _make(folder: Path) -> None:
    """A folder beside the configuration, which is the team's where that is."""
    if not folder.exists():
        folder.mkdir()
        if folder.parent.stat().st_mode & stat.S_ISGID:
            folder.chmod(0o2770)


def suggested(store: Path, topic: str, clock: Clock) -> dict[str, Any]:
    """What the topic's labels suggest, as the answer to a request. Raises Refused, StoreError."""
    from listen.insight import teaching
    from listen.store.read import Reader

    with Reader(store) as reader:
        return teaching.record(_known(lambda: teaching.suggestions(reader, topic, now=clock.now()), topic))


def _known(ask: Callable[[], T], topic: str) -> T:
    """What is asked about a topic that the store knows. Raises Refused."""
    from listen.insight.teaching import NoTopic

    try:
        return ask()
    except NoTopic:
        raise Refused(f"the store knows no topic {topic} yet; `listen topics` lists them") from None


def _free(folder: Path, name: str) -> str:
    version = 1
    while (folder / f"{name}-{version}.toml").exists():
        version += 1
    return f"{name}-{version}.toml"


def _ours(config: Config, topic: str, entry: Mapping[str, Any], *keys: str) -> None:
    """Raise Refused unless `console.toml` says one of these, or nobody does."""
    if any(key in entry for key in keys):
        return
    there = config.tables[TABLE].get(topic, {})
    if any(there.get(key) is not None for key in keys):
        raise Refused(f"{' and '.join(keys)} of {topic} stand in {config.files[0]}, so they are changed there")
    raise Refused(f"there is nothing to take back: nobody has taught {topic} that")


def _put(entry: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        entry.pop(key, None)
    else:
        entry[key] = value


def _plain(value: float) -> float:
    """As people write it: `0`, not `0.0`."""
    return int(value) if value == int(value) else round(float(value), 3)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
