"""A topic's model as a text file: to be read, compared, kept in git, and changed by hand."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from listen.sentiment.learning import Gain
from listen.sentiment.teaching import BLAME, PRAISE, SCORE, Model

FOLDER = "models"
"""Beside the store's file of configuration; a model is called `models/acme-3.toml` there."""

LARGEST = 1 << 20
"""Bytes of a file that is read."""

_HEAD = """\
# What the desk's labels say of {topic}, learned by listen from {n} of them on {day}.
# Left out one part after another, they agree with it so (macro-F1): {after:.3f}, without it {before:.3f};
# opposite sign {after_wrong}, without it {before_wrong}.
#
# A text gets the sum of what its words weigh, each times its rarity, divided by the length of all its rarities
# (the root of the sum of their squares), and of what the lexicon says of it times `lexicon`. Below the first of `cuts`
# it is negative, above the second positive. You may change or remove words; keep the old file for what was.
"""


class ModelError(Exception):
    """A model that cannot be read: what is wrong, and what was expected."""


def written(model: Model, topic: str, n: int, day: str, gain: Gain) -> str:
    """The text of its file, the words that weigh most first. `n` labels, learned on `day`."""
    lines = [
        _HEAD.format(
            topic=_plain(topic), n=n, day=day, after=gain.after.macro_f1, before=gain.before.macro_f1,
            after_wrong=_percent(gain.after.wrong_sign), before_wrong=_percent(gain.before.wrong_sign),
        ),
        f"langs = [{', '.join(map(_quoted, model.langs))}]",
        f"cuts = [{model.cuts[0]!r}, {model.cuts[1]!r}]",
        "\n[lexicon]",
        *(f"{name} = {model.lexicon[name]!r}" for name in (SCORE, PRAISE, BLAME) if name in model.lexicon),
        "\n# Word, or two in a row = [weight, rarity]",
        "[words]",
    ]  # fmt: skip
    heaviest = sorted(model.words.items(), key=lambda item: (-abs(item[1][0]), item[0]))
    lines += [f"{_quoted(word)} = [{weight!r}, {rarity!r}]" for word, (weight, rarity) in heaviest]
    return "\n".join(lines) + "\n"


def _plain(topic: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in topic)


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"


def _quoted(word: str) -> str:
    """A TOML text: tokens hold no control signs, and quotes only where somebody wrote them by hand."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def read(file: Path) -> Model:
    """The model of a file. Raises ModelError."""
    try:
        if file.stat().st_size > LARGEST:
            raise ModelError(f"{file} is larger than {LARGEST >> 20} MB, so it is no model")
        return of_text(file.read_text("utf-8"), file.stem)
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, ModelError) as error:
        raise ModelError(f"{file}: {error}") from None


def of_text(text: str, name: str) -> Model:
    """The model that a text tells. Raises ModelError, and ValueError for what is no TOML."""
    told = tomllib.loads(text)
    if unknown := sorted(told.keys() - {"langs", "cuts", "lexicon", "words"}):
        raise ModelError(f"unknown key {unknown[0]!r}; known are langs, cuts, lexicon, words")
    cuts = _numbers(told.get("cuts"), 2, "cuts")
    if cuts[0] > cuts[1]:
        raise ModelError(f"cuts: the first is above the second, {cuts[0]:g} and {cuts[1]:g}")
    langs = told.get("langs")
    if not isinstance(langs, list) or not all(isinstance(lang, str) for lang in langs):
        raise ModelError('langs: expected a list of languages, such as ["en", "fr"]')
    lexicon = _table(told, "lexicon")
    if unknown := sorted(lexicon.keys() - {SCORE, PRAISE, BLAME}):
        raise ModelError(f"lexicon: unknown key {unknown[0]!r}; known are {SCORE}, {PRAISE}, {BLAME}")
    words = {word: _numbers(pair, 2, f"words, {word!r}") for word, pair in _table(told, "words").items()}
    return Model(
        name=name,
        words={word: (weight, rarity) for word, (weight, rarity) in words.items()},
        lexicon={key: _numbers([value], 1, f"lexicon, {key!r}")[0] for key, value in lexicon.items()},
        cuts=(cuts[0], cuts[1]),
        langs=tuple(langs),
    )


def _table(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = told.get(name, {})
    if not isinstance(table, dict):
        raise ModelError(f"expected a table, [{name}]")
    return table


def _numbers(said: Any, n: int, where: str) -> list[float]:
    """So many finite numbers."""
    if not isinstance(said, list) or len(said) != n or not all(_is_number(one) for one in said):
        raise ModelError(f"{where}: expected {n} {'number' if n == 1 else 'numbers in a list'}, got {said!r}")
    return [float(one) for one in said]


def _is_number(said: Any) -> bool:
    return isinstance(said, (int, float)) and not isinstance(said, bool) and math.isfinite(said)
