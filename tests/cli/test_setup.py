"""`init`, `config check`, `backup`, `restore`, `doctor`, `sources`, `topics`, `rejects`."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from listen.collect.lock import CollectorLock
from tests.cli.conftest import Commands


@pytest.mark.parametrize("brand", ["acme", "Acme Battery", "L'Oréal", "東京電力", "C++", "'); DROP TABLE x"])
def test_init_writes_a_configuration_that_passes_its_own_check(listen: Commands, home: Path, brand: str) -> None:
    written = listen("init", brand)
    assert written.code == 0, written.err
    file = home / "config" / "listen" / "config.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    checked = listen("config", "check", "--json")
    assert checked.code == 0, checked.err
    assert len(checked.records[0]["topics"]) == 1
    assert len(checked.records[0]["sources"]) >= 4


def test_init_never_writes_over_a_file_unasked(listen: Commands, home: Path) -> None:
    file = home / "own.toml"
    file.write_text("[topics.mine]\nquery = 'mine'\n")
    refused = listen("init", "acme", "--config", file)
    assert refused.code == 2
    assert "mine" in file.read_text()
    assert listen("init", "acme", "--config", file, "--force").code == 0
    assert "mine" not in file.read_text()


def test_init_takes_a_query_and_languages(listen: Commands, home: Path) -> None:
    written = listen("init", "Orange", "--query", "{Orange} fibre", "--lang", "fr", "--lang", "en", "--json")
    assert written.code == 0, written.err
    text = (home / "config" / "listen" / "config.toml").read_text()
    assert "query = '{Orange} fibre'" in text
    assert "mkt=fr-FR" in text
    assert "mkt=en-US" in text


def test_init_writes_nothing_when_something_is_wrong(listen: Commands, home: Path) -> None:
    for more in (["--query", "(acme"], ["--query", "since:2h"], ["--lang", "klingon"]):
        refused = listen("init", "acme", *more)
        assert refused.code == 2, more
        assert refused.err
    assert "^" in listen("init", "acme", "--query", "(acme").err
    assert not (home / "config" / "listen").exists()


def test_init_wants_a_brand(listen: Commands) -> None:
    for brand in ([], [""], ["***"]):
        assert listen("init", *brand).code == 2


def test_a_faulty_configuration_is_named_by_file_line_and_key(listen: Commands, home: Path) -> None:
    file = home / "bad.toml"
    file.write_text("[sources.hn]\nadapter = 'hackernews'\nevry = '2m'\n")
    wrong = listen("config", "check", "--config", file)
    assert wrong.code == 2
    assert f"{file}:3: sources.hn.evry" in wrong.err
    assert 'did you mean "every"' in wrong.err
    record = listen("config", "check", "--json", "--config", file).records[0]
    assert (record["line"], record["key"]) == (3, "sources.hn.evry")
    assert listen("collect", "--config", file, "--db", home / "x.db").code == 2
    assert not (home / "x.db").exists()


def test_a_source_that_answers_only_who_names_a_contact_is_a_fault_without_one(listen: Commands, home: Path) -> None:
    file = home / "wiki.toml"
    file.write_text("[topics.acme]\nquery = 'acme'\n[sources.wiki]\nadapter = 'wikipedia'\nstream = true\n")
    wrong = listen("config", "check", "--config", file)
    assert (wrong.code, f"{file}:3: sources.wiki" in wrong.err, "contact = " in wrong.err) == (2, True, True)
    file.write_text(file.read_text() + "[collect]\ncontact = 'ops@example.org'\n")
    assert listen("config", "check", "--config", file).code == 0


def test_collect_without_a_configuration_fetches_nothing(listen: Commands) -> None:
    nothing = listen("collect")
    assert nothing.code == 2
    assert "listen init BRAND" in nothing.err


def test_a_backup_can_be_restored_and_holds_the_same(listen: Commands, home: Path, played: Path) -> None:
    copy, restored = home / "copy.db", home / "restored" / "listen.db"
    assert listen("backup", copy, "--db", played).code == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert listen("backup", copy, "--db", played).code == 2
    assert listen("restore", copy, "--db", restored).code == 0
    assert listen("restore", copy, "--db", restored).code == 2
    for query in ("", "topic:norvola", "battery", "sentiment:neg"):
        assert listen("count", query, "--db", played).out == listen("count", query, "--db", restored).out


def test_nothing_is_restored_under_a_running_collector(listen: Commands, home: Path, played: Path) -> None:
    copy = home / "copy.db"
    assert listen("backup", copy, "--db", played).code == 0
    with CollectorLock(home / "listen.db"):
        held = listen("restore", copy, "--db", home / "listen.db")
    assert held.code == 4
    assert not (home / "listen.db").exists()


def test_the_doctor_finds_a_sick_source_and_says_what_to_do(listen: Commands, played: Path) -> None:
    told = listen("doctor", "--deep", "--json", "--db", played)
    findings = {(record["subject"], record["good"]) for record in told.records}
    assert ("content", True) in findings
    assert ("source", False) in findings
    assert told.code == 1


def test_the_doctor_finds_an_open_store(listen: Commands, home: Path, played: Path) -> None:
    listen("backup", home / "open.db", "--db", played)
    (home / "open.db").chmod(0o644)
    told = listen("doctor", "--json", "--db", home / "open.db")
    assert any(record["subject"] == "permissions" and "chmod 600" in str(record["remedy"]) for record in told.records)
    (home / "open.db-wal").touch(0o600)
    os.truncate(home / "open.db-wal", 257 << 20)
    (log,) = [one for one in listen("doctor", "--json", "--db", home / "open.db").records if one["subject"] == "log"]
    assert "257 MB" in str(log["message"])


def test_sources_tell_their_health(listen: Commands, played: Path) -> None:
    channels = listen("sources", "--json", "--db", played).records
    by_state = {(record["source"], record["state"]) for record in channels}
    assert {("press", "ok"), ("hn", "ok"), ("bazaar", "failing"), ("bazaar", "ok")} <= by_state
    gone = next(record for record in channels if record["state"] == "failing")
    assert gone["reason"] == "html"
    assert gone["remedy"]
    assert listen("sources", "--db", played).out.count("\n") == len(channels) + 1


def test_sources_kinds_lists_the_adapters_with_their_keys(listen: Commands) -> None:
    kinds = {record["name"]: record for record in listen("sources", "kinds", "--json").records}
    assert {"feed", "hackernews"} <= set(kinds)
    assert "urls" in kinds["feed"]["options"]
    shown = listen("sources", "kinds")
    assert max(map(len, shown.out.splitlines())) <= 80
    assert set(kinds) == {line.split()[0] for line in shown.out.splitlines() if line[0] != " "}


def test_one_adapter_tells_what_its_keys_mean(listen: Commands) -> None:
    whole = listen("sources", "kinds", "x").out
    assert "needs an app of X" in whole
    assert "(required)" in whole[whole.index("\n  budget") :]
    wrong = listen("sources", "kinds", "hackernew")
    assert (wrong.code, 'did you mean "hackernews"' in wrong.err) == (2, True)


def test_an_unknown_source_is_answered_with_a_suggestion(listen: Commands, home: Path) -> None:
    listen("init", "acme")
    wrong = listen("sources", "check", "nws")
    assert wrong.code == 2
    assert 'did you mean "news"' in wrong.err


def test_topics_tell_their_counts(listen: Commands, played: Path) -> None:
    topics = {record["topic"]: record for record in listen("topics", "--json", "--db", played).records}
    assert topics["norvola"]["mentions"] == int(listen("count", "topic:norvola -is:own", "--db", played).out)
    assert topics["norvola"]["role"] == "brand"


def test_nothing_set_aside_is_exit_code_1(listen: Commands, played: Path) -> None:
    told = listen("rejects", "--json", "--db", played)
    assert told.code == (0 if told.records else 1)


def test_own_keys_are_checked_with_file_and_line(listen: Commands, home: Path) -> None:
    """The console at its start and `config check` say the same."""
    from listen import config
    from listen.cli.console import own_keys

    mine = home / "config" / "listen" / "me.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text('[me]\nname = "ana"\n\n[keys]\n"mention.done" = "x"\n"mention.don" = "y"\n"app.quit" = "hyper+q"\n')
    done = listen("config", "check")
    assert done.code == 2
    assert f'{mine}:6: keys.mention.don: there is no such verb (did you mean "mention.done"?)' in done.err
    assert f'{mine}:7: keys.app.quit: "hyper+q" is no key' in done.err
    with pytest.raises(config.ConfigErrors) as caught:
        own_keys(config.load())
    assert all(str(error) in done.err for error in caught.value.errors)
    mine.write_text('[keys]\n"mention.done" = "x"\n')
    assert own_keys(config.load()) == {"mention.done": ("x",)}


MAPPING = """
name    = "shop"
summary = "what customers say"
each    = "shops"
options = { shops = { help = "which", type = "texts" } }
request = { url = "https://shop.example/{each}" }
items   = "list"
post    = { id = "id", text = "said", likes = "hearts" }
"""


def test_a_mapping_in_the_making_is_tried_on_a_recorded_answer(listen: Commands, home: Path) -> None:
    mapping, answer = home / "shop.toml", home / "answer.json"
    mapping.write_text(MAPPING)
    answer.write_text('{"list": [{"id": 1, "said": "fine", "hearts": 3}, {"said": "no id"}]}')
    tried = listen("sources", "check", mapping, "--fixture", answer, "--json")
    assert tried.code == 0, tried.err
    (post,) = tried.records
    assert (post["network"], post["external_id"], post["text"], post["likes"]) == ("shop", "1", "fine", 3)
    assert "no-identity" in tried.err
    mapping.write_text(MAPPING.replace("summary", "sumary"))
    wrong = listen("sources", "check", mapping, "--fixture", answer)
    assert wrong.code == 2
    assert f'{mapping}: sumary: unknown key; did you mean "summary"?' in wrong.err


def test_an_adapter_is_tried_on_a_recorded_answer_without_its_keys(listen: Commands, home: Path) -> None:
    answer = home / "answer.json"
    answer.write_text('{"data": [{"id": "5", "text": "hello", "timestamp": "2026-01-02T12:00:00+0000"}]}')
    tried = listen("sources", "check", "threads", "--fixture", answer, "--json")
    assert [record["time"] for record in tried.records] == ["2026-01-02T12:00:00Z"]
    answer.write_text('{"error": {"message": "Session has expired"}}')
    refused = listen("sources", "check", "threads", "--fixture", answer)
    assert refused.code == 3
    assert "Session has expired" in refused.err
    assert "60 days" in refused.err


def test_the_keys_of_a_mapping_of_ones_own_are_keys_of_its_source(listen: Commands, home: Path) -> None:
    (home / "shop.toml").write_text(MAPPING)
    file = home / "config.toml"
    file.write_text('[sources.shop]\nadapter = "json"\nmapping = "shop.toml"\nshops = ["east"]\n')
    answer = home / "answer.json"
    answer.write_text('{"list": {"id": 1, "said": "fine"}}')
    tried = listen("sources", "check", "shop", "--fixture", answer, "--config", file)
    assert tried.code == 0, tried.err
    assert "fine" in tried.out
    file.write_text(file.read_text().replace("shops", "shps"))
    wrong = listen("sources", "check", "shop", "--fixture", answer, "--config", file)
    assert wrong.code == 3
    assert 'Did you mean "shops"?' in wrong.err


def test_a_source_without_its_secret_spares_the_others(listen: Commands, home: Path) -> None:
    file = home / "config.toml"
    file.write_text('[sources.news]\nadapter = "newsapi"\napi_key = "env:NOT_SET_ANYWHERE"\nsearch = ["acme"]\n')
    assert listen("config", "check", "--config", file).code == 0
    tried = listen("sources", "check", "news", "--config", file)
    assert tried.code == 3
    assert "NOT_SET_ANYWHERE is not set" in tried.err
    file.write_text('[sources.news]\nadapter = "newsapi"\napi_key = "canary-5512"\n')
    plain = listen("config", "check", "--config", file)
    assert plain.code == 2
    assert "a secret may not stand here in plain text" in plain.err
    assert "canary" not in plain.err


def test_the_doctor_tells_of_secrets_that_are_missing_and_sources_that_cannot_be_opened(
    listen: Commands, home: Path
) -> None:
    file = home / "doctor.toml"
    birds = '[sources.birds]\nadapter = "x"\ntoken = "env:NO_SUCH_TOKEN"\nbudget = "{}"\n'
    file.write_text(birds.format("2.50"))
    told = listen("doctor", "--json", "--config", file)
    (secret,) = [record for record in told.records if record["subject"] == "secret"]
    assert (told.code, secret["good"]) == (1, False)
    assert "NO_SUCH_TOKEN" in str(secret["message"])
    file.write_text(birds.format("lots"))
    told = listen("doctor", "--json", "--config", file)
    assert any(not record["good"] and "lots" in str(record["message"]) for record in told.records)


def test_an_adapter_that_wants_keys_and_a_mapping_that_is_not_there_are_told_before_anything_is_asked(
    listen: Commands, home: Path
) -> None:
    wrong = listen("sources", "check", "webhook")
    assert (wrong.code, "its mapping and secret stand in a [sources.NAME]" in wrong.err) == (2, True)
    wrong = listen("sources", "check", "none.toml")
    assert (wrong.code, "there is no file none.toml" in wrong.err) == (2, True)
