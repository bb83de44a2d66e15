"""The configuration: layers, types, and errors that name file, line, key and a suggestion."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from listen import config
from listen.cli.common import AdapterKeys
from listen.config.lines import line_of, lines_of

BROKEN = sorted((Path(__file__).parent / "configs").glob("*.toml"))


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv(config.VARIABLE, raising=False)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[config.ConfigError]:
    with pytest.raises(config.ConfigErrors) as caught:
        config.load(path, adapter_keys=AdapterKeys())
    return caught.value.errors


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_each_broken_file_is_told_as_its_last_lines_say(file: Path) -> None:
    """A file's comments `#: LINE KEY: WORDS` are the faults expected of it, in order."""
    expected = [line[3:].strip() for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#: ")]
    told = faults(file)
    assert len(told) == len(expected), [str(error) for error in told]
    for error, words in zip(told, expected, strict=True):
        line, _, rest = words.partition(" ")
        key, _, message = rest.partition(": ")
        assert (str(error.line), error.key) == (line, key), str(error)
        assert message in str(error)
        assert str(error).startswith(f"{file}:")


def test_the_packaged_default_is_whole_and_fetches_nothing() -> None:
    loaded = config.load(adapter_keys=AdapterKeys())
    assert not loaded.written
    assert not loaded.topics
    assert not loaded.sources
    assert loaded.limits.decoded == 20 << 20
    assert loaded.gap == 1.0


def test_the_examples_in_the_packaged_default_are_valid_when_uncommented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DUTY_URL", "TICKETS_SECRET", "TEAM_MAIL"):
        monkeypatch.setenv(name, "json://duty.example")
    told = config.PACKAGED.read_text(encoding="utf-8").partition("# ── The store ──")[0]
    tables = told.partition("# [topics.acme]")[1:]
    shown = "".join(tables).splitlines()
    # Comments that are prose or belong to another table are indented or start with a capital.
    text = "\n".join(line[2:] for line in shown if re.match(r"# (\[|[a-z_]+ *=)", line))
    file = write(tmp_path / "all.toml", text)
    loaded = config.load(file, adapter_keys=AdapterKeys())
    assert set(loaded.topics) == {"acme"}
    assert set(loaded.sources) == set(re.findall(r"\[sources\.([\w-]+)\]", text)) > {"press", "hn", "firehose"}
    assert loaded.tables["alerts"]["bad-buzz"]["for"] == 600.0
    assert len(loaded.tables["desks"]) == 8
    assert loaded.tables["desks"]["after-sales"]["answer_within"] == 7200.0


def test_a_desk_opens_when_a_file_of_ones_own_names_it(tmp_path: Path) -> None:
    text = "[desks.sales]\n[desks.mine]\nquery = 'desk:legal'\n[desks.legal]\nopen = false\n"
    desks = config.load(write(tmp_path / "desks.toml", text)).tables["desks"]
    assert {name for name, keys in desks.items() if keys["open"]} == {"sales", "mine"}
    assert desks["sales"]["answer_within"] == 14_400.0
    assert desks["mine"]["answer_within"] is None


@pytest.mark.parametrize(
    ("written", "key", "wanted"),
    [
        ('hours = "9-18"', "hours", "09:00-18:00"),
        ('days = "monday-funday"', "days", "mon-fri"),
        ('tags = ["two words"]', "tags", "one word"),
        ('timezone = "Mars"', "timezone", "Europe/Paris"),
        ('query = "desk:legl"', "query", "desk:legal"),
        ('query = "is:late"', "query", "cannot hold itself"),
    ],
)
def test_a_faulty_desk_is_told_with_its_line(tmp_path: Path, written: str, key: str, wanted: str) -> None:
    query = "" if key == "query" else "query = 'x'\n"
    text = f"[desks.mine]\nanswer_within = '1h'\n{query}{written}\n"
    with pytest.raises(config.ConfigErrors) as caught:
        config.load(write(tmp_path / "desks.toml", text))
    (error,) = caught.value.errors
    assert (error.line, error.key) == (text.count("\n"), f"desks.mine.{key}")
    assert wanted in f"{error.message} {error.suggestion}"


def test_the_first_file_that_exists_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = write(tmp_path / "config" / "listen" / "config.toml", "[topics.home]\nquery = 'a'\n")
    named = write(tmp_path / "named.toml", "[topics.named]\nquery = 'a'\n")
    explicit = write(tmp_path / "explicit.toml", "[topics.explicit]\nquery = 'a'\n")
    assert config.find_file() == home
    monkeypatch.setenv(config.VARIABLE, str(named))
    assert list(config.load().topics) == ["named"]
    assert list(config.load(explicit).topics) == ["explicit"]


def test_a_named_file_that_is_missing_or_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigErrors, match="no such file, though --config names it"):
        config.load(tmp_path / "absent.toml")
    with pytest.raises(config.ConfigErrors, match="is no file, though --config names it"):
        config.load(tmp_path)


def test_a_secret_that_is_not_there_is_told_to_who_would_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LISTEN_NO_SUCH_VARIABLE", raising=False)
    text = "[topics.a]\nquery = 'a'\n[notify.duty]\nurl = 'env:LISTEN_NO_SUCH_VARIABLE'\n[notify.b]\nurl = 'file:b'\n"
    file = write(tmp_path / "secrets.toml", text)
    first, second = faults(file)
    assert (first.line, first.key) == (4, "notify.duty.url")
    assert "LISTEN_NO_SUCH_VARIABLE is not set" in str(first)
    assert (second.line, str(tmp_path / "b") in str(second)) == (6, True)
    assert list(config.load(file).topics) == ["a"]
    monkeypatch.setenv("LISTEN_NO_SUCH_VARIABLE", "json://duty.example")
    (tmp_path / "b").write_text("json://b.example")
    (tmp_path / "b").chmod(0o600)
    assert set(config.load(file, adapter_keys=AdapterKeys()).tables["notify"]) == {"duty", "b"}


def test_edits_of_the_console_win_over_the_file_beside_them(tmp_path: Path) -> None:
    file = write(tmp_path / "config.toml", "[topics.acme]\nquery = 'acme'\nrole = 'brand'\n")
    write(tmp_path / "console.toml", "[topics.acme]\nquery = 'acme NOT toy'\n")
    topic = config.load(file).topics["acme"]
    assert topic.query == "acme NOT toy"
    assert topic.role == "brand"


def test_the_store_lies_beside_its_file_or_in_the_data_folder(tmp_path: Path) -> None:
    file = write(tmp_path / "team" / "config.toml", "[store]\npath = 'team.db'\n")
    assert config.load(file).store == tmp_path / "team" / "team.db"
    assert config.locate_store(file) == tmp_path / "team" / "team.db"
    assert config.locate_store() == tmp_path / "data" / "listen" / "listen.db"
    assert config.load(file, store=tmp_path / "x.db").store == tmp_path / "x.db"


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xef\xbb\xbf[topics.acme]\nquery = 'acme'\n")
    assert list(config.load(file).topics) == ["acme"]


def test_the_personal_file_gives_name_and_keys(tmp_path: Path) -> None:
    me = write(tmp_path / "me.toml", "[me]\nname = 'ana'\n[keys]\n'mention.done' = 'x'\n")
    loaded = config.load(personal=me)
    assert loaded.me.name == "ana"
    assert loaded.me.keys == {"mention.done": "x"}


def test_faults_of_the_personal_file_are_told_by_line_with_what_was_meant(tmp_path: Path) -> None:
    text = "[me]\nnam = 'ana'\ntheme = 'listen-drak'\nmouse = 'no'\n[kees]\nx = 'y'\n"
    with pytest.raises(config.ConfigErrors) as caught:
        config.load(personal=write(tmp_path / "me.toml", text))
    told = {(one.line, one.key): str(one) for one in caught.value.errors}
    assert set(told) == {(2, "me.nam"), (3, "me.theme"), (4, "me.mouse"), (5, "kees")}
    assert 'did you mean "name"' in told[2, "me.nam"]
    assert "listen-dark" in told[3, "me.theme"]
    assert 'did you mean "keys"' in told[5, "kees"]


def test_durations_and_sizes() -> None:
    assert config.seconds("2m") == 120.0
    assert config.seconds("1.5h") == 5400.0
    assert config.seconds("2 minutes") is None
    assert config.size("20MB") == 20 << 20
    assert config.size("20") is None


def test_lines_are_found_past_strings_and_lists_that_span_lines() -> None:
    text = '[a]\nx = """\n[b]\ny = 1\n"""\nz = [\n  "1",\n  "[c]",\n]\n["d e".f]\n"g h".i = 2 # [j]\n'
    lines = lines_of(text)
    assert lines[("a", "x")] == 2
    assert lines[("a", "z")] == 6
    assert lines[("d e", "f", "g h", "i")] == 11
    assert ("b",) not in lines
    assert ("c",) not in lines
    assert line_of(lines, ("a", "absent", "deeper")) == 1


def test_foreign_broken_files_are_told_in_a_sentence(shared: Path) -> None:
    for file in sorted((shared / "fixtures/hostile/inputs/config").glob("*.toml")):
        told = faults(file)
        assert told
        assert all(error.line for error in told)


def test_intents_of_ones_own_are_checked(tmp_path: Path) -> None:
    told = """
    [intents.complaints]
    query = "x"
    [intents.warranty]
    means = "it wants a query"
    [intents.late]
    query = "since:2h x sentiment:neg"
    [intents.trained]
    model = "models/none.toml"
    """
    file = tmp_path / "config.toml"
    file.write_text(told)
    with pytest.raises(config.ConfigErrors) as caught:
        config.load(file)
    found = "\n".join(map(str, caught.value.errors))
    for part in ("looks like complaint", "it wants a query", "not for time", "none.toml cannot be read"):
        assert part in found
    file.write_text('[intents.warranty]\nquery = "warranty sentiment:<0"\nlang = "en"\n')
    assert config.load(file).tables["intents"]["warranty"]["query"] == "warranty sentiment:<0"
