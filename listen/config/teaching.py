"""What `[teaching.TOPIC]` says, and what may be wrong with it beside the kinds of its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from listen.model import NEGATIVE, POSITIVE

if TYPE_CHECKING:
    from listen.config.records import Config
    from listen.sentiment.teaching import Teaching


def faults(keys: Mapping[str, Any], folder: Path, *, read: bool) -> Iterator[tuple[str, str]]:
    """(key, what is wrong and what to write) of one topic's; `read`: the model is read, too."""
    negative, positive = _begins(keys)
    if negative >= positive:
        yield "negative", f"must be below where positive begins, and {negative:g} is not below {positive:g}"
    if (written := keys["model"]) is None:
        return
    path = PurePosixPath(written)
    if path.is_absolute() or ".." in path.parts:
        yield "model", 'expected a file in a folder beside this one, such as "models/acme-1.toml"'
    elif not (folder / path).is_file():
        yield "model", f"there is no file {folder / path}; bring it back, or leave the key out"
    elif read:
        from listen.sentiment import models

        try:
            models.read(folder / path)
        except models.ModelError as error:
            yield "model", str(error)


def teachings(config: Config) -> dict[str, Teaching]:
    """Topic -> what was taught about it, of those about which something was. Raises `listen.sentiment.ModelError`."""
    from listen.sentiment import models
    from listen.sentiment.teaching import Teaching

    found = {}
    for name, keys in config.tables.get("teaching", {}).items():
        begins = None
        if keys["negative"] is not None or keys["positive"] is not None:
            negative, positive = _begins(keys)
            begins = round(1_000 * negative), round(1_000 * positive)
        model = None if keys["model"] is None else models.read(config.folder / keys["model"])
        found[name] = Teaching({word: float(one) for word, one in keys["words"].items()}, begins, model)
    return {name: taught for name, taught in found.items() if taught.mark}


def _begins(keys: Mapping[str, Any]) -> tuple[float, float]:
    negative, positive = keys["negative"], keys["positive"]
    return (
        NEGATIVE / 1_000 if negative is None else negative,
        POSITIVE / 1_000 if positive is None else positive,
    )
