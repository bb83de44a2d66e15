"""The first configuration: whatever the brand, it loads back and says what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from listen import config
from listen.cli.common import AdapterKeys
from listen.config import starter
from listen.query import QueryError

FILE = Path("/nowhere/config.toml")


@given(st.text(min_size=1, max_size=110), st.sampled_from(["", "acme\n\tOR 'x'", '"a\x1b]b" OR c', "a\x7fb"]))
@example("'''", "")
@example('"""', "")
@example("a]\n[x", "")
@example("${query} $x", "")
@example("Acme\u2028", "")
@example("C++", "")
def test_any_brand_and_query_load_back(brand: str, text: str) -> None:
    try:
        start = starter.start(brand, text)
    except QueryError:
        return
    loaded = config.would_be(starter.written(start, ["fr", "en"]), FILE, adapter_keys=AdapterKeys())
    (topic,) = loaded.topics.values()
    assert topic.query == start.query
    assert topic.role == "brand"
    assert {"hn", "news", "reddit"} <= set(loaded.sources)


def test_news_are_asked_for_once_a_language() -> None:
    text = starter.written(starter.start("Acme Battery"), ["fr", "pt-BR"])
    loaded = config.would_be(text, FILE)
    assert loaded.sources["news"].settings["urls"] == [
        "https://www.bing.com/news/search?q=%22Acme+Battery%22&format=rss&mkt=fr-FR",
        "https://www.bing.com/news/search?q=%22Acme+Battery%22&format=rss&mkt=pt-BR",
    ]
    assert not loaded.sources["google-news"].enabled


def test_a_name_without_a_hashtag_asks_for_none() -> None:
    loaded = config.would_be(starter.written(starter.start("C++")), FILE)
    assert "mastodon" not in loaded.sources


def test_a_common_word_keeps_only_what_matches() -> None:
    loaded = config.would_be(starter.written(starter.start("Orange", "{Orange} fibre")), FILE)
    assert loaded.sources["mastodon"].keep == "matched"
    assert "Orange+fibre" in loaded.sources["reddit"].settings["urls"][0]


def test_the_language_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "fr_CA.UTF-8")
    assert starter.markets() == ["fr-CA"]
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert starter.markets() == ["en-US"]
    assert starter.markets(["de", "de-DE", "en"]) == ["de-DE", "en-US"]
    with pytest.raises(ValueError, match="no language"):
        starter.markets(["klingon"])


def test_an_organisation_has_a_template_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "starter.toml"
    own.write_text(
        "[topics.${topic}]\nquery = ${query}\n\n[sources.wire]\nadapter = 'feed'\nurls = ['http://h/${search}']\n"
    )
    monkeypatch.setenv(starter.VARIABLE, str(own))
    loaded = config.would_be(starter.written(starter.start("acme")), FILE)
    assert list(loaded.sources) == ["wire"]
    own.write_text("query = ${qery}\n")
    with pytest.raises(config.ConfigErrors, match="qery"):
        starter.written(starter.start("acme"))
