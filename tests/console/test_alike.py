"""`=` and `!`: the terms are true of the mention that they are made from, and the chooser narrows the view by them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listen import query
from listen.console.alike import choices, distinctive, narrowed
from listen.console.view import View
from listen.model import Author, Mention
from listen.query import QueryError
from listen.query.match import Subject, compile
from listen.text import one_line
from tests.console.conftest import Driven, console
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.console.town import NOW, Town
from tests.store.queries import read, texts

HOSTILE = (
    'Bob "The" Smith', "a*b", "Cla*", "@at", "@@at", "-minus", "x) OR (y", "“quoted”", "„low“ «x»", "a\x1b[31mred",
    "NEAR/5", "<<<comment", "{Orange}", "ＦＵＬＬ", "王小明", "ACME™ Corp", "rtl\u202eevil", "🔥🔥", "O'Neil", "a:b",
    "author:x", "Zoé 👩‍👩‍👧", "tab\tand\nline", "[red]x[/]", 'say "', "a\u00adb c", "ﬁ", "ÅSA", "e\u0301" * 9,
    "x" * 200,
)  # fmt: skip
SOME = ('Bob "The" Smith', "a*b", "“quoted”", "a\x1b[31mred", "rtl\u202eevil", "x) OR (y")


def made(text: str = "a text", **more: object) -> Mention:
    return Mention(1 << 40, "mastodon", "x", "post", text, **more)  # type: ignore[arg-type]


def finds(text: str, mention: Mention) -> bool:
    return compile(query.parse(text), NOW)(Subject.of(mention))


# --- terms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_any_author_can_be_asked_for(name: str) -> None:
    for author in (Author(name), Author("*", name), Author(name, "*")):
        mention = made(author=author)
        (chosen,) = [choice for choice in choices(mention, NOW) if choice.what == "author"]
        assert finds(chosen.term, mention)
        assert not finds(f"-{chosen.term}", mention)
        assert not finds(chosen.term, made(author=Author("somebody")))
        assert one_line(chosen.term) == chosen.term
        assert not FORBIDDEN.search(chosen.term + chosen.value)


def test_the_tone_is_the_one_that_is_shown() -> None:
    mention = made(score=-400, hits=2, topics={"acme": 300, "our brand": -400}, hits_toward={"acme": 1, "our brand": 1})
    for topic, term in (
        (None, "sentiment:neg"), ("acme", "toward:acme:pos"), ("our brand", 'toward:"our brand:neg"'),
        ("x", "sentiment:neg"),
    ):  # fmt: skip
        (chosen,) = [choice for choice in choices(mention, NOW, (), topic) if choice.what == "sentiment"]
        assert chosen.term == term
    for text, shown in (
        ("topic:acme", "acme"), ("topic:acme sentiment:neg", None), ("topic:acme (x OR sentiment:<0)", None),
        ("toward:acme:neg", "acme"), ("topic:acme likes:>5", "acme"),
    ):  # fmt: skip
        assert View.of(1, text).toward == shown


def test_an_author_whose_name_cannot_be_written_is_asked_for_by_its_beginning_and_that_is_said() -> None:
    (chosen,) = [choice for choice in choices(made(author=Author("Star*Man")), NOW) if choice.what == "author"]
    assert (chosen.term, chosen.value) == ('author:"star*"', '"star*", all that begin so')


def test_what_cannot_be_asked_for_is_not_offered() -> None:
    assert not [choice for choice in choices(made(author=Author("*")), NOW) if choice.what == "author"]
    told = {choice.what for choice in choices(made("1 2 3", url="https:///x", lang="klingon"), NOW)}
    assert told == {"sentiment"}


def test_everything_that_mentions_have_in_common() -> None:
    mention = made(
        "Third #Acme charger in a month. #fail #never #again #acme",
        title="Refund",
        author=Author("ops@hachyderm.io", "Ops"),
        url="https://www.hachyderm.io/1",
        lang="en",
        score=-830,
        hits=3,
        sources=("my place", "other"),
    )
    told = [(choice.letter, choice.what, choice.term) for choice in choices(mention, NOW, ["a charger in a month"])]
    assert told == [
        ("a", "author", "author:ops@hachyderm.io"),
        ("s", "site", "site:hachyderm.io"),
        ("o", "source", 'source:"my place"'),
        ("t", "tag", "#acme"),
        ("", "tag", "#fail"),
        ("", "tag", "#never"),
        ("l", "language", "lang:en"),
        ("f", "sentiment", "sentiment:neg"),
        ("w", "word", "refund"),
        ("", "word", "third"),
        ("", "word", "never"),
    ]


def test_the_rarest_words_around_come_first_in_any_language() -> None:
    around = ["la batterie est morte", "une batterie neuve", "la bonne batterie"]
    assert distinctive(made("La batterie est injoignable, morte"), around) == ["injoignable", "morte", "batterie"]
    assert "東京" in distinctive(made("東京で買った"), [])
    assert "東京" not in distinctive(made("東京で買った"), ["東京"])


names = st.one_of(st.text(max_size=12), st.sampled_from(HOSTILE), st.sampled_from(TEXTS))
mentions = st.builds(
    made,
    st.one_of(st.text(max_size=60), st.sampled_from(TEXTS), st.sampled_from(["#acme fails", "@a #b東 #_x #1", "a#b"])),
    title=st.none() | st.text(max_size=20),
    author=st.none() | st.builds(Author, names, st.none() | names),
    url=st.none() | st.text(max_size=20).map(lambda text: f"https://{text}") | st.sampled_from(["https://a.b:8/x"]),
    lang=st.none() | st.sampled_from(["fr", "zz", "zh-Hant", "x\x1b"]),
    score=st.none() | st.integers(-1000, 1000),
    hits=st.none() | st.integers(0, 2),
    sources=st.lists(names, max_size=2).map(tuple),
)


@given(mentions, texts())
@settings(max_examples=150, deadline=None)
def test_a_narrowed_view_still_holds_the_mention_and_the_other_no_longer(mention: Mention, base: str) -> None:
    node = read(base)
    held = node is not None and compile(node, NOW)(Subject.of(mention))
    for choice in choices(mention, NOW, ["some words around"]):
        assert finds(choice.term, mention)
        assert not FORBIDDEN.search(choice.term + choice.value)
        assert finds(narrowed("", choice.term), mention)
        assert not finds(narrowed("", choice.term, without=True), mention)
        if node is not None:
            assert finds(narrowed(base, choice.term), mention) == held
            assert not finds(narrowed(base, choice.term, without=True), mention)


@given(texts(), texts())
@settings(max_examples=200, deadline=None)
def test_narrowing_takes_nothing_in_that_was_not_there(base: str, text: str) -> None:
    node, mention = read(base), made(text, score=-300, hits=1)
    if node is not None and not compile(node, NOW)(Subject.of(mention)):
        assert not finds(narrowed(base, "sentiment:neg"), mention)
        assert not finds(narrowed(base, "sentiment:pos", without=True), mention)


def test_a_filter_has_an_end() -> None:
    with pytest.raises(QueryError, match="longer"):
        narrowed("acme " * 3_000, "refund " * 300)


# --- the chooser -----------------------------------------------------------------------------------------------------


async def opened(driven: Driven, key: str) -> None:
    await driven.press(key)
    await driven.until(lambda: driven.screen.chooser.answer and driven.screen.chooser.choices)


async def test_only_like_this_by_letter_narrows_the_view(town: Town) -> None:
    town.talk(3)
    async with console(town.path, town.clock, query="topic:acme") as driven:
        await opened(driven, "equals_sign")
        await driven.until(lambda: len(driven.screen.chooser.answer.counts) == len(driven.screen.chooser.choices))
        text = driven.text()
        assert "only like this" in text
        assert "1 a author     claire" in text
        line = next(line for line in driven.drawn() if "1 a author" in line)
        assert line.endswith(" 3")
        assert "esc leave" in driven.footer()
        await driven.press("a")
        await driven.until(lambda: driven.screen.view.text == "topic:acme author:claire")
        await driven.until(lambda: len(driven.feed) == 3)
        assert driven.screen.chooser is None
        assert driven.screen.focused is driven.stream
        assert "only with author claire" in driven.footer()
        assert "topic:acme author:claire" in driven.drawn()[1]
        await driven.press("backspace")
        assert driven.screen.view.text == "topic:acme"


async def test_not_like_this_by_number_and_by_moving(town: Town) -> None:
    ids = town.talk(3)
    async with console(town.path, town.clock) as driven:
        await driven.press("j", "j")
        await opened(driven, "exclamation_mark")
        await driven.press("2")
        await driven.until(lambda: driven.screen.view.text == "-site:hackernews.example")
        await driven.until(lambda: driven.screen.view.loaded and len(driven.feed) == 27)
        assert driven.feed.current == ids[3], "the next one below takes its place"
        await opened(driven, "exclamation_mark")
        await driven.press("j", "G", "g", "j", "j", "k", "enter")
        await driven.until(lambda: driven.screen.view.text == "-site:hackernews.example -site:press.example")


async def test_keys_typed_before_the_choices_are_there_are_choices(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await driven.press("equals_sign", "a")
        await driven.until(lambda: driven.screen.view.text == "author:claire")
        assert not town.writer.connection.execute("SELECT 1 FROM triage").fetchall()


async def test_no_other_key_does_anything_until_it_is_left(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock) as driven:
        await opened(driven, "equals_sign")
        await driven.press("d", "x", "9", "u", "colon", "space", "asterisk")
        assert driven.screen.chooser is not None
        assert len(driven.app.screen_stack) == 1
        assert "a letter or a number of the list chooses" in driven.footer()
        await driven.press("escape")
        await driven.until(lambda: driven.screen.chooser is None)
        assert driven.screen.focused is driven.stream
        assert driven.screen.view.text == ""
        await opened(driven, "equals_sign")
        await driven.press("q")
        await driven.until(lambda: driven.screen.chooser is None)
        assert not town.writer.connection.execute("SELECT 1 FROM triage").fetchall()


async def test_an_either_or_stays_whole(town: Town) -> None:
    town.talk()
    async with console(town.path, town.clock, query="lang:fr OR topic:rival") as driven:
        await opened(driven, "equals_sign")
        await driven.press("l")
        await driven.until(lambda: driven.screen.view.text == "(lang:fr OR topic:rival) lang:fr")


async def test_from_the_detail_pane_by_mouse_and_with_nothing_there(town: Town) -> None:
    async with console(town.path, town.clock) as driven:
        await driven.press("equals_sign")
        assert "no mention here" in driven.footer()
        town.talk()
        await driven.until(lambda: driven.feed.ids)
        await driven.press("enter")
        await opened(driven, "equals_sign")
        await driven.press("escape")
        assert driven.screen.focused is driven.screen.detail
        await opened(driven, "equals_sign")
        region = driven.screen.chooser.region
        await driven.pilot.click(offset=(region.x + 5, region.y + 1))
        await driven.until(lambda: driven.screen.view.text.startswith("author:"))
        await opened(driven, "exclamation_mark")
        await driven.pilot.click(offset=(60, 3))
        await driven.until(lambda: driven.screen.chooser is None)


@pytest.mark.parametrize("size", [(120, 40), (30, 10)])
async def test_hostile_mentions_are_narrowed_to_and_drawn_safely(town: Town, size: tuple[int, int]) -> None:
    for name in SOME:
        town.say("mastodon", name, "a text")
    async with console(town.path, town.clock, size=size, wait=False) as driven:
        for number, name in enumerate(reversed(SOME)):
            await driven.until(lambda: driven.screen.view.loaded and len(driven.feed) == len(SOME))
            await driven.press("g", *["j"] * number)
            shown = driven.feed.current
            await opened(driven, "equals_sign")
            assert not any(FORBIDDEN.search(line) for line in driven.drawn())
            await driven.press("a")
            await driven.until(lambda: driven.screen.view.text and driven.screen.view.loaded, name)
            assert shown in driven.feed.ids
            assert len(driven.feed.ids) == (2 if name == "a*b" else 1)
            assert not any(FORBIDDEN.search(line) for line in driven.drawn())
            await driven.press("backspace")
