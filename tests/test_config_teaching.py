"""What `[teaching.TOPIC]` may say, in the store's file and in `console.toml` above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.config import ConfigErrors, load
from listen.config.edits import put, standing
from listen.config.teaching import teachings

TOPIC = '[topics.acme]\nquery = "acme"\n'
MODEL = 'langs = ["en"]\ncuts = [-0.5, 0.5]\n[words]\nlate = [-1.0, 2.0]\n'


class Any(dict[str, dict[str, object]]):
    """Adapters of which nothing is known: who passes some means to run."""


def write(folder: Path, text: str, console: str = "") -> Path:
    file = folder / "config.toml"
    file.write_text(TOPIC + text)
    if console:
        (folder / "console.toml").write_text(console)
    return file


def test_what_people_wrote_and_what_they_accepted_are_read_word_by_word(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "acme-1.toml").write_text(MODEL)
    console = put(
        "",
        {
            "teaching": {
                "acme": {"words": {"late": -2, "ok": 0}, "model": "models/acme-1.toml"},
                "gone": {"negative": 0},
            }
        },
    )
    assert "[teaching.acme.words]\nlate = -2\nok = 0\n" in console
    file = write(tmp_path, "[teaching.acme]\npositive = 0.4\n[teaching.acme.words]\nmerci = 0.5\nlate = 1\n", console)
    (found,) = teachings(load(file, adapter_keys=Any())).values()
    assert found.words == {"merci": 0.5, "late": -2.0, "ok": 0.0}
    assert found.begins == (-50, 400)
    assert found.model is not None
    assert found.model.words == {"late": (-1.0, 2.0)}
    assert standing(tmp_path / "console.toml")["teaching"]["acme"]["words"] == {"late": -2, "ok": 0}
    assert put(console, {"teaching": {"acme": None, "gone": None}}).count("\n") == 2
    assert teachings(load(write(tmp_path, "[teaching.acme]\nwords = {}\n"))).keys() == {"acme"}
    (tmp_path / "console.toml").unlink()
    assert teachings(load(file.with_name("config.toml"))) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[teaching.acmee]\nnegative = 0", 'there is no topic "acmee" (did you mean "acme"?)'),
        ("[teaching.acme]\nnegative = 0.3", "must be below where positive begins, and 0.3 is not below 0.05"),
        ("[teaching.acme]\nwords = { merci = 9 }", "words with what they weigh, -4 to 4"),
        ("[teaching.acme]\npositive = 2", "a number from -1 to 1"),
        ("[teaching.acme]\nmodel = '../m.toml'", "a file in a folder beside this one"),
        ("[teaching.acme]\nmodel = 'models/m.toml'", "there is no file"),
        ("[teaching.acme]\nmodel = 'bad.toml'", "cuts: expected 2 numbers in a list"),
    ],
)
def test_faults_name_the_key_and_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.toml").write_text("langs = []\n")
    with pytest.raises(ConfigErrors) as fault:
        load(write(tmp_path, text), adapter_keys=Any())
    assert said in str(fault.value)
    assert "config.toml:" in str(fault.value)
