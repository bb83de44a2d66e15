"""What tells the same, and what only looks like it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from listen.likeness import DAY, keys, read, same

SAID = "Acme recalls two million batteries after several fires in homes across Europe, says the regulator"
PAGE = "https://news.example/recall"
ARTICLE = read("article", "Acme recalls two million batteries - Le Monde", "The maker asks owners to stop. " * 9, PAGE)


def post(body: str, kind: str = "post", title: str | None = None, url: str | None = None) -> object:
    return read(kind, title, body, url)


def together(one: object, other: object, seconds: float = 0) -> bool:
    """Whether they share keys, so that they are compared at all, and tell the same."""
    found = same(one, other, seconds) > 0  # type: ignore[arg-type]
    assert found == (same(other, one, -seconds) > 0), "the order does not matter"  # type: ignore[arg-type]
    if found:
        assert not set(keys(one)).isdisjoint(keys(other))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    "copy",
    [
        SAID,
        SAID.upper(),
        f"RT @joe: {SAID}",
        f"{SAID} via @paper https://t.example/x",
        f"{SAID} #acme 🔥",
        SAID[:70] + "…",
        SAID.replace("several", "some"),
        f"So it begins: {SAID}",
    ],
)
def test_what_is_passed_on_is_the_same(copy: str) -> None:
    assert together(post(SAID), post(copy))
    assert together(post(SAID), post(copy), 29 * DAY)
    assert not together(post(SAID), post(copy), 31 * DAY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My battery died after three weeks", "My battery died after three days"),
        ("thank you very much", "thank you very much"),
        ("東京駅で電池", "東京駅で電池"),
        ("", ""),
        (SAID, f"{SAID} and the minister of trade said in the evening that nothing else would be decided this year"),
        (SAID, "Acme opens two hundred shops after several years in homes across Asia, says the chairman"),
    ],
)
def test_what_is_short_or_says_more_is_not(one: str, other: str) -> None:
    assert not together(post(one), post(other))


def test_phrases_of_replies_are_nobodys() -> None:
    said = "I totally agree with you on this"
    assert together(post(said), post(said))
    assert not together(post(said, "reply"), post(said, "reply"))


@pytest.mark.parametrize(
    ("other", "wanted"),
    [
        (post(f"{PAGE}?utm_source=x"), True),
        (post(f"Acme recalls two million batteries {PAGE}"), True),
        (post("", title="They knew it all along", url=PAGE), True),
        (post(PAGE, title="Acme recall megathread", url="https://reddit.example/1"), True),
        (post(f"This is awful {PAGE}"), False),
        (post(f"I had one of these and nothing ever happened to it {PAGE}"), False),
        (post(f"Acme recalls two million batteries {PAGE}", "comment"), False),
        (post("", title="They knew it all along", url="https://other.example/"), False),
    ],
)
def test_a_link_alone_or_with_its_headline_is_the_article_and_an_opinion_is_not(other: object, wanted: bool) -> None:
    assert together(ARTICLE, other) is wanted
    assert not together(ARTICLE, other, 15 * DAY)


def test_two_people_who_speak_about_one_page_stay_apart_and_a_bare_link_is_with_neither() -> None:
    one, other = post(f"This is awful {PAGE}"), post(f"Finally some good news {PAGE}")
    assert not together(one, other)
    assert not together(one, post(PAGE))
    assert together(post(PAGE), post(PAGE))


def test_articles_under_one_headline_are_one_whoever_prints_it() -> None:
    wire = read(
        "article", "Acme recalls two million batteries | Other Paper", "Quite another text.", "https://o.example/"
    )
    assert together(ARTICLE, wire)
    assert together(ARTICLE, post("Acme recalls two million batteries"))
    assert not together(ARTICLE, wire, 4 * DAY)
    weekly = read("post", "What are you listening to this week", "I like old songs best", None)
    assert not together(weekly, read("post", "What are you listening to this week", "Nothing but silence", None))


def test_keys_are_the_same_in_every_process() -> None:
    told = f"from listen.likeness import *; print(keys(read('post', None, {SAID!r}, None)))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", told], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )  # fmt: skip
        assert done.stdout.strip() == str(keys(post(SAID)))  # type: ignore[arg-type]
