"""A flag of people's own: from labels to weights, as a file, and read beside the patterns."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.intents import intents, version
from listen.intents.learned import LABELS, FlagError, Label, flag, learn, read, written
from listen.intents.reader import Reader, subject_of

FILLERS = ("bike", "city", "monday", "blue", "shop", "ride", "today", "chain", "seat", "lamp")


def labels(n: int) -> list[Label]:
    """Of every second one the warranty is spoken of, now and then in other words."""
    return [
        Label(
            str(at),
            f"{FILLERS[at % 10]} {'the warranty' if at % 4 == 0 else 'still covered' if at % 2 == 0 else 'a'} "
            f"{FILLERS[at // 10 % 10]}",
            at % 2 == 0,
        )
        for at in range(n)
    ]


def test_it_learns_what_two_hundred_labels_tell_and_reads_by_it(tmp_path: Path) -> None:
    lesson = learn(labels(LABELS))
    assert (lesson.labels, lesson.precision, lesson.recall) == (LABELS, 1.0, 1.0)
    file = tmp_path / "warranty.toml"
    file.write_text(written(lesson, "warranty", "2026-11-22"), "utf-8")
    told = read(file)
    assert flag(told).cut == lesson.flag.cut
    found = intents({"warranty": {"learned": told, "unless": '"no warranty"'}})
    reader = Reader(found)
    assert reader.names_of("", "my lamp is still covered", "de", None) == ["warranty"]
    assert reader.names_of("", "my lamp is blue today", "de", None) == []
    assert reader.names_of("", "no warranty, still covered", "de", None) == []
    (shown,) = reader.shown(subject_of("", "is it still covered?", "de", None))
    assert shown.text
    assert version(found) != version(intents({}))


@pytest.mark.parametrize(
    ("some", "why"),
    [
        (labels(LABELS - 2), "too few"),
        ([Label(str(at), "warranty", at < 10) for at in range(300)], "too few"),
        ([Label(str(at), f"{FILLERS[at // 2 % 10]}", at % 2 == 0) for at in range(300)], "is right"),
    ],
    ids=["few labels", "few of one", "nothing to learn"],
)
def test_what_cannot_be_learned_says_why(some: list[Label], why: str) -> None:
    with pytest.raises(FlagError, match=why):
        learn(some)


@pytest.mark.parametrize(
    "text", ["", "cut = 1", "cut = true\n[words]", "cut = 1.0\n[words]\na = [1]", "cut = nan\n[words]", "[["]
)
def test_a_file_that_is_no_flag_says_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(FlagError, match=r"x\.toml"):
        read(file)
