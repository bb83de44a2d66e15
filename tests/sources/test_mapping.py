"""Mapping files: what may stand in them, and what is said of what may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sources
from sources import mapping
from sources.base import SourceError

Write = Callable[..., str]


def plain(**more: Any) -> dict[str, Any]:
    """The least that a mapping says, and more."""
    least = {"name": "shop", "summary": "a shop", "request": {"url": "https://shop.example/api"}, "post": {"id": "id"}}
    return {**least, **more}


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    """What is said of a mapping that cannot be used."""

    def write(told: dict[str, Any]) -> str:
        file = tmp_path / "shop.json"
        file.write_text(json.dumps(told))
        with pytest.raises(SourceError) as caught:
            mapping.checked(mapping.written(file))
        assert caught.value.reason == "mapping"
        assert str(file) in caught.value.message
        assert caught.value.remedy
        return caught.value.message

    return write


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (plain(sumary="x"), ["sumary: unknown key", 'did you mean "summary"?']),
        ({"name": "x"}, ["summary: the key is missing"]),
        (plain(request={"url": 7}), ["request.url: expected `str`, got `int`"]),
        (plain(request={"url": "https://a.example", "param": {}}), ["request.param: unknown key", '"params"']),
        (plain(options={"host": {"hepl": "x"}}), ["options.NAME"]),
        (plain(post={"titel": "a"}), ["post.titel: unknown field", '"title"', "post.id: the key is missing"]),
        (plain(post={"id": "a["}), ["post.id: expected a JMESPath expression"]),
        (plain(post={"id": "lenght(@)"}), ["post.id: there is no function lenght()", '"length"']),
        (plain(post={"id": "join(',')"}), ["post.id: join() takes 2 values, not 1"]),
        (plain(post={"id": "a" * 501}), ["post.id: expected an expression of at most 500 characters"]),
        (plain(post={"id": "[" + ",".join("@" * 200) + "]"}), ["post.id: expected an expression of at most 120 parts"]),
        (plain(post={"id": "(" * 480}), ["post.id: expected a JMESPath expression"]),
        (plain(items="["), ["items: expected a JMESPath expression"]),
        (plain(every="5s"), ['every: expected at least "1m"']),
        (plain(every="soon"), ["every: expected a duration"]),
        (plain(each="tags"), ["each: expected the name of an option"]),
        (plain(request={"url": "{hst}/x"}, options={"host": {"help": "h"}}), ["request.url: {hst}", '"host"']),
        (plain(request={"url": "https://a.example", "params": {"q": "{each}"}}), ["request.params.q: {each}"]),
        (plain(request={"url": "https://a.example", "body": {"a": ["{x}"]}}), ["request.body: {x}"]),
        (plain(paging={"kind": "cursor", "param": "c"}), ["paging.at: the key is missing"]),
        (plain(paging={"kind": "page"}), ["paging.param: the key is missing"]),
        (plain(paging={"kind": "page", "param": "p", "most": 500}), ["paging.most: expected 1 to 50"]),
        (plain(paging={"kind": "pages"}), ["paging.kind:"]),
        (plain(since={"form": "iso", "overlap": "x"}), ["since.overlap: expected a duration"]),
        (plain(options={"page": {"help": "x"}}), ["options.page: expected another name"]),
        (
            plain(
                request={"url": "https://a.example/{key}"},
                options={"key": {"help": "x", "type": "secret"}},
                paging={"kind": "link"},
            ),
            ["paging.kind: expected no link"],
        ),
    ],
)
def test_a_fault_names_file_key_and_what_was_expected(
    told: dict[str, Any], words: list[str], refused: Callable[[dict[str, Any]], str]
) -> None:
    message = refused(told)
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.toml", b"x = [", "no valid TOML"),
        ("a.json", b"{", "no valid JSON"),
        ("a.json", b"[]", "no valid JSON"),
        ("a.toml", b"\xff", "no valid TOML"),
        ("a.toml", b"# " * 40_000, "larger than 64 KB"),
        ("a.json", b"[" * 60_000, "no valid JSON"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=words):
        mapping.written(tmp_path / name)
    with pytest.raises(SourceError, match="cannot be read"):
        mapping.written(tmp_path / "absent.toml")
    with pytest.raises(SourceError, match="no plain file"):
        mapping.written(tmp_path)


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(plain()))
    (tmp_path / "a.toml").write_text(
        'name = "shop"\nsummary = "a shop"\nrequest.url = "https://shop.example/api"\npost.id = "id"\n'
    )
    one, other = (mapping.checked(mapping.written(tmp_path / f"a.{kind}")).rules for kind in ("json", "toml"))
    assert one == other


def test_the_example_of_the_readme_is_sound(tmp_path: Path) -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    (tmp_path / "forum.toml").write_text(readme.partition("**A mapping of your own.**")[2].split("```")[1][5:])
    assert mapping.checked(mapping.written(tmp_path / "forum.toml")).rules.name == "forum"


def test_every_mapping_that_comes_along_is_sound_and_says_what_it_needs() -> None:
    found = sorted(path.stem for path in sources.MAPPINGS.glob("*.toml"))
    assert found == [
        "devto", "gdelt", "github", "github-discussions", "instagram", "lobsters", "newsapi", "telegram", "threads",
        "tumblr", "vkontakte",
    ]  # fmt: skip
    for name in found:
        rules = mapping.built_in(name).rules
        assert rules.name == name
        assert rules.needs
        assert "host" in rules.options
        assert {"id", "published_at", "url", "text"} <= set(rules.post)
