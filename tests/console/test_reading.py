"""The detail pane's lines: everything that is known, in few lines that fit, and nothing that a terminal would obey."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment

from listen.aims import Tone, aim, toward_each
from listen.console.facts import Facts, field_lines
from listen.console.reading import LINES, plain_text, reading, shortened
from listen.console.reasons import Reasons, reasons, with_intents
from listen.console.scored import READ
from listen.console.theme import BLACK, DARK, LIGHT, PLAIN, SIXTEEN, Palette
from listen.model import Author, Mention, first_id
from listen.query import parse
from listen.sentiment import score
from listen.store.around import Around, Before, Doing, Related
from listen.text import cell_width, clean
from tests.console.hostile import FORBIDDEN, TEXTS
from tests.text.foreign import foreign

NOW = datetime(2026, 11, 21, 14, 32, tzinfo=UTC).timestamp()
NOTHING = Around({}, (), None, None, {})


def a_mention(**changes: Any) -> Mention:
    fields: dict[str, Any] = {
        "id": first_id(NOW - 60), "network": "mastodon", "external_id": "1", "kind": "post", "text": "Hello",
        "author": Author("claire@mastodon.social", "Claire", followers=1234), "lang": "fr", "seen_at": int(NOW - 50),
        "published_at": int(NOW - 60), "score": -710, "hits": 3, "sources": ("social", "press"),
        "topics": {"acme": -710}, "url": "https://mastodon.social/@claire/1",
    }  # fmt: skip
    return Mention(**(fields | changes))


def why(mention: Mention, queries: dict[str, str] | None = None, view: str = "") -> Reasons:
    found = reasons(mention, queries or {}, parse(view), NOW, lambda: True)
    assert found is not None
    return found


def lines_of(mention: Mention, width: int = 80, **known: Any) -> list[str]:
    return plain_text(reading(Facts(mention, **known), width, DARK, NOW, zone=UTC))


def told(mention: Mention, width: int = 80, **known: Any) -> str:
    return "\n".join(lines_of(mention, width, **known))


# --- what is told ----------------------------------------------------------------------------------------------------


def test_it_tells_everything() -> None:
    mention = a_mention(
        title="A title", likes=1, replies=2, rating=4, kind="reply", parent_id="0", thread_id="00",
        edited_at=int(NOW - 30), seen_at=int(NOW), status="done", starred=True, assignee="ana",
    )  # fmt: skip
    around = Around(
        {"acme": "acme"}, (("social", "#acme"), ("social", "social"), ("press", "press")),
        Related(first_id(NOW - 600), "Bob", "Anyone else?"), Related(first_id(NOW - 900), None, "It began here"),
        {"status": Doing("ana", int(NOW - 10)), "starred": Doing("bob", int(NOW - 5))},
    )  # fmt: skip
    lines = lines_of(mention, 110, around=around, before=Before(3, False, {"neg": 2, "pos": 1}))
    text = "\n".join(lines)
    assert lines[0] == "Claire @claire@mastodon.social   1.2k followers · 3 mentions before, mostly negative"
    assert "sentiment   ▼ -0.71 negative   3 words known" in text
    assert "matched     acme" in text
    assert "thread      reply to Bob 14:22  Anyone else?   begun by somebody 14:17  It began here" in text
    assert "counts      1 like   2 replies" in text
    assert "rating      ★★★★☆  4" in text
    assert "heard in    social (#acme), press" in text
    assert "time        published 14:31   seen 14:32   edited 14:31" in text
    assert "kind        reply · French" in text
    assert "kind        post · language xx" in told(a_mention(lang="xx"))
    assert "status      done by ana 14:31   ★ starred by bob 14:31   given to ana" in text
    assert lines[-1] == "https://mastodon.social/@claire/1"


def test_what_is_not_known_is_not_told_as_nothing() -> None:
    text = told(a_mention(author=None, published_at=None, lang=None, topics={}, url=None, score=None, hits=None))
    assert text.startswith("author unknown")
    assert "? not scored: no reason is known" in text
    assert "first seen 14:31   when it was published is unknown" in text
    assert "language unknown" in text
    assert not re.search("^(matched|thread|counts|rating) ", text, re.MULTILINE)
    assert "0 " not in told(a_mention(likes=None, replies=3)).split("counts")[1].splitlines()[0]
    assert "counts      0 likes" in told(a_mention(likes=0))


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (Before(0, False), "first mention here"),
        (Before(0, True), ""),
        (Before(1, False, {"neg": 1}), "1 mention before, negative"),
        (Before(1, False, {"none": 1}), "1 mention before"),
        (Before(4, False, {"neg": 2, "pos": 2}), "4 mentions before, of mixed tone"),
        (Before(4, False, {"pos": 3, "unknown": 1}), "4 mentions before, mostly positive"),
        (Before(100, True, {"neu": 90, "neg": 10}), "100+ mentions before, mostly neutral"),
    ],
)
def test_what_its_author_said_before(before: Before, said: str) -> None:
    mention = a_mention(author=Author("claire"))
    assert lines_of(mention, before=before)[0] == f"claire   {said}".rstrip()


def test_who_without_room_has_more_lines() -> None:
    lines = lines_of(a_mention(), 44, before=Before(3, False, {"neg": 3}))
    assert lines[:3] == ["Claire @claire@mastodon.social", "1.2k followers", "3 mentions before, mostly negative"]
    lines = lines_of(a_mention(), 52, before=Before(3, False, {"neg": 3}))
    assert lines[:2] == ["Claire @claire@mastodon.social", "1.2k followers · 3 mentions before, mostly negative"]
    assert lines_of(a_mention(author=Author("claire@mastodon.social", "claire")))[0].startswith("claire@mastodon")


SAID = "Rival is great but Acme is awful, though its box was nice"
ASKED = {"acme": "acme", "rival": "rival"}


def aimed(view: str = "", text: str = SAID) -> tuple[Mention, Reasons]:
    """A mention as the collector would store it, and why it has its scores."""
    whole = score(text, "en")
    toward = toward_each(
        text, "en", Tone(whole.score, whole.hits), {name: aim(name, asked, "brand") for name, asked in ASKED.items()}
    )
    mention = a_mention(
        text=text, lang="en", score=whole.score, hits=whole.hits,
        topics={name: one.score for name, one in toward.items()},
        hits_toward={name: one.hits for name, one in toward.items()},
    )  # fmt: skip
    found = reasons(mention, ASKED, parse(view), NOW, lambda: True, dict.fromkeys(ASKED, "brand"))
    assert found is not None
    return mention, found


def test_what_is_said_toward_each_topic_stands_beside_the_whole_text() -> None:
    mention, found = aimed()
    text = told(mention, 100, reasons=found)
    assert "toward      acme ▼ -0.47   awful -0.58   nice +0.11 elsewhere ×½   of others: great" in text
    assert "toward      rival ▲ +0.38   great +0.32   nice +0.06 elsewhere ×½   of others: awful" in text
    assert text.index("sentiment ") < text.index("toward ")
    mention, found = aimed("topic:acme")
    assert told(mention, 100, reasons=found).index("toward  ") < told(mention, 100, reasons=found).index("sentiment ")
    marked = [(mention.text[start:end], kind) for start, end, kind in found.text if kind != "match"]
    assert marked == [("awful", "neg"), ("nice", "pos")], "of the topic in view those that count toward it"
    mention, found = aimed(text="Rival is great, Acme opens at nine")
    assert "toward      acme - nothing is said of it   of others: great" in told(mention, 100, reasons=found)


@given(st.lists(st.sampled_from("Acme Rival , but great awful nice . ! left for and not".split()), max_size=20))  # noqa: SIM905
def test_shares_toward_a_topic_add_up_to_its_score_as_shown(words: list[str]) -> None:
    mention, found = aimed(text=" ".join(["hello", *words]))
    for name, one in found.toward.items():
        parts = sum(weight.hundredths for weight in one.weights) + one.others[1] + one.compared
        assert parts == round(float(f"{one.score / 1000:.2f}") * 100)
        assert one.score == mention.topics[name]


def test_what_was_not_scored_says_why() -> None:
    mention = a_mention(score=None, hits=None, unscored="language it")
    assert "sentiment   ? not scored: language it" in told(mention, reasons=why(mention))


def test_a_thread_that_is_not_stored_says_so() -> None:
    mention = a_mention(kind="comment", parent_id="77")
    assert "thread      comments on something that is not stored here" in told(mention, around=NOTHING)
    assert "thread" not in told(a_mention(), around=NOTHING)


def test_a_text_that_begins_with_its_title_is_told_once() -> None:
    mention = a_mention(title="Recall", text="Recall of all chargers")
    assert told(mention).count("Recall") == 1
    first, second = reading(Facts(mention), 80, DARK, NOW)[2]
    assert (first.text, first.style) == ("Recall", DARK.plain + DARK.bold)
    assert second.text == " of all chargers"


# --- what stands out -------------------------------------------------------------------------------------------------


def lit(lines: list[list[Segment]], palette: Palette) -> dict[str, str]:
    """Text -> how it stands out."""
    looks = {palette.match: "match", palette.scored("neg"): "neg", palette.scored("pos"): "pos"}
    found: dict[str, str] = {}
    for line in lines:
        for text, style, _ in line:
            for look, name in looks.items():
                if style is not None and style == palette.plain + look:
                    found[text] = name
    return found


@pytest.mark.parametrize("palette", [DARK, BLACK, LIGHT, SIXTEEN])
def test_matches_and_scored_words_stand_out(palette: Palette) -> None:
    mention = a_mention(
        text="The Acme dock is horrible,\nthe screen lovely. #acmefail burns", lang="en", hits=2,
        topics={"acme": None},
    )  # fmt: skip
    mention.score = score(mention.text, "en").score
    known = why(mention, {"acme": "acme OR #acmefail"}, "burn*")
    lines = reading(Facts(mention, reasons=known), 80, palette, NOW)
    assert lit(lines, palette) == {
        "Acme": "match", "horrible": "neg", "lovely": "pos", "#acmefail": "match", "burns": "match",
    }  # fmt: skip
    assert "matched     acme ? by Acme · #acmefail" in "\n".join(plain_text(lines))
    assert "".join(part.text for part in lines[2]) == "The Acme dock is horrible,"


def test_without_colours_they_stand_out_by_what_every_terminal_has() -> None:
    assert PLAIN.match.bold
    assert PLAIN.match.color is None is PLAIN.match.bgcolor
    assert PLAIN.scored("neg").underline
    assert PLAIN.scored("neg").color is None


def test_a_match_that_is_a_scored_word_is_both() -> None:
    mention = a_mention(text="horrible", lang="en", score=-542, hits=1, topics={"pain": -542})
    (line,) = reading(Facts(mention, reasons=why(mention, {"pain": "horrible"})), 80, DARK, NOW)[2:3]
    (part,) = line
    assert part.style is not None
    assert part.style.underline
    assert part.style.bgcolor == DARK.match.bgcolor


def test_the_words_of_a_score_add_up_to_it() -> None:
    text = (
        "I do not love it!! The dock is HORRIBLE, but the screen is very good and nice and fine and great, "
        "no worry, ok nasty"
    )
    mention = a_mention(text=text, lang="en", hits=9, score=None)
    mention.score = score(text, "en").score
    shown = told(mention, 60, reasons=why(mention))
    part = " ".join(shown.split("sentiment")[1].split("matched")[0].split())
    total, *shares = [round(100 * float(number)) for number in re.findall(r"[+-]\d\.\d\d", part)]
    assert sum(shares) == total
    assert "no ok -" in part
    assert "very good +" in part
    assert part.count("but") == 1
    assert "1 more -" in part
    assert "! and ?" in part


def test_the_words_of_another_engine_s_score_are_not_guessed() -> None:
    mention = a_mention(text="horrible", lang="en", score=300, hits=1)
    assert "1 word known" in told(mention, reasons=why(mention))
    assert why(mention).text == ()


def test_tags_that_were_added_after_scoring_do_not_hide_the_words() -> None:
    mention = a_mention(text="horrible dock\n\n#great #acme", lang="en", score=-542, hits=1)
    assert "horrible -0.54" in told(mention, reasons=why(mention))


def test_words_of_a_title_are_marked_in_the_title() -> None:
    mention = a_mention(title="Horrible Acme", text="but lovely", lang="en", hits=2)
    mention.score = score("Horrible Acme\nbut lovely", "en").score
    known = why(mention, {"acme": "acme"})
    assert [mention.title[a:b] for a, b, _ in known.title] == ["Horrible", "Acme"]  # type: ignore[index]
    assert [mention.text[a:b] for a, b, _ in known.text] == ["lovely"]


def test_only_the_beginning_is_explained() -> None:
    mention = a_mention(text="word " * 1_000 + "acme", lang="en", score=-300, hits=1, topics={"acme": -300})
    text = told(mention, 100, reasons=why(mention, {"acme": "acme"}))
    assert f"acme beyond the first {READ:,} characters" in text


def test_topics_by_facets_say_which() -> None:
    mention = a_mention(topics={"french": None, "gone": None}, score=None, hits=None)
    text = told(mention, 120, reasons=why(mention, {"french": "lang:fr OR hola", "gone": "((("}))
    assert "matched     french by lang:fr   gone" in text


def test_nobody_waits_any_more() -> None:
    assert reasons(a_mention(), {"acme": "acme"}, parse(""), NOW, lambda: False) is None


# --- links -----------------------------------------------------------------------------------------------------------


def link_of(url: str | None, width: int = 80) -> Segment:
    (link,) = reading(Facts(a_mention(url=url)), width, DARK, NOW)[-1]
    return link


def test_only_web_links_are_links() -> None:
    link = link_of("https://mastodon.social/@claire/1")
    assert link.style is not None
    assert link.style.link == "https://mastodon.social/@claire/1"
    for url in ("javascript:alert(1)", "file:///etc/passwd", "https://x\x1b]0;t\x07", "https://a@b.example/"):
        shown = link_of(url)
        assert shown.text.startswith("no web link: ")
        assert shown.style is None or not shown.style.link


def test_a_long_link_is_shortened_in_its_middle_and_leads_to_the_whole() -> None:
    url = "https://mastodon.social/@claire/" + "7" * 200 + "/end"
    link = link_of(url, 40)
    assert link.text == "https://mastodon.social/@c…7777777777/end"[:26] + "…" + url[-13:]
    assert cell_width(link.text) == 40
    assert link.style is not None
    assert link.style.link == url


def test_a_link_is_given_to_the_terminal_in_ascii() -> None:
    link = link_of("https://exämple.org/é?q=ü")
    assert link.text == "https://xn--exmple-cua.org/é?q=ü"
    assert link.style is not None
    assert link.style.link == "https://xn--exmple-cua.org/%C3%A9?q=%C3%BC"


@given(text=foreign.map(lambda text: clean(text)[0]), width=st.integers(1, 60))
def test_a_shortened_text_fits(text: str, width: int) -> None:
    from listen.text import one_line

    shown = one_line(text)
    assert cell_width(shortened(shown, width)) <= max(1, width)


# --- hostile and huge ------------------------------------------------------------------------------------------------


def assert_harmless(lines: list[list[Segment]], width: int) -> None:
    for line in lines:
        for part in line:
            assert not FORBIDDEN.search(part.text), repr(part.text)
            assert part.style is None or not part.style.link or part.style.link.startswith("http")
        assert cell_width("".join(part.text for part in line)) <= width


def hostile_facts(text: str) -> Facts:
    mention = a_mention(
        text=text, title=text, author=Author(text, text, followers=3), url=text, unscored=text, score=None,
        assignee=text, sources=(text,), topics={text: -3}, lang=text, kind="reply", parent_id=text, status="done",
        starred=True, rating=9,
    )  # fmt: skip
    around = Around(
        {text: text or "x"}, ((text, text), ("x", text)),
        Related(mention.id, text, text), Related(mention.id, text, text),
        {"status": Doing(text, 0), "starred": Doing(text, 1 << 60), "assignee": Doing(text, -5)},
    )  # fmt: skip
    return Facts(mention, around, why(mention, around.queries), Before(3, True, {"neg": 3}))


@pytest.mark.parametrize("width", [20, 56, 80, 110])
@pytest.mark.parametrize("palette", [DARK, PLAIN])
def test_hostile_texts_are_marks(width: int, palette: Palette) -> None:
    for text in TEXTS:
        lines = reading(hostile_facts(text), width, palette, NOW, zone=UTC)
        assert_harmless(lines, width)


@given(text=foreign, width=st.integers(20, 120))
def test_whatever_is_stored_is_drawn_harmlessly_and_fits(text: str, width: int) -> None:
    assert_harmless(reading(hostile_facts(text), width, DARK, NOW, zone=UTC), width)


@given(text=foreign, other=foreign, width=st.integers(20, 120))
def test_what_is_scored_and_matched_is_drawn_harmlessly_and_whole(text: str, other: str, width: int) -> None:
    text = clean(f"{text} good {other} acme bad")[0]
    mention = a_mention(text=text, lang="en", score=score(text, "en").score, hits=2, title=clean(other)[0])
    lines = reading(Facts(mention, reasons=why(mention, {"acme": "acme OR good"}, "bad")), width, DARK, NOW)
    assert_harmless(lines, width)
    plain = reading(Facts(mention), width, DARK, NOW)
    count = len(list(body(plain)))
    assert ["".join(part.text for part in line) for line in body(lines)][:count] == [
        "".join(part.text for part in line) for line in body(plain)
    ]


def body(lines: list[list[Segment]]) -> Iterator[list[Segment]]:
    for line in lines:
        if line and line[0].text.startswith("sentiment "):
            return
        yield line


def test_a_long_text_ends_with_more() -> None:
    lines = lines_of(a_mention(text="word " * 200_000))
    assert LINES <= len(lines) <= LINES + 16
    assert any(line.startswith("… more") for line in lines)
    assert len(lines_of(a_mention(text="\n" * 100_000 + "end"))) < LINES + 16
    assert any("more" in line for line in lines_of(a_mention(text="a\n" * 100_000)))
    assert "… longer than what is kept" in told(a_mention(truncated=True))


def test_pieces_that_belong_together_stay_together_where_there_is_room() -> None:
    pieces = [("one", DARK.plain), ("   two", DARK.plain), (" of it", DARK.faint), ("   three", DARK.plain)]
    assert plain_text(list(field_lines(("label", pieces), 26, DARK))) == [
        "label       one",
        "            two of it",
        "            three",
    ]


def test_what_its_author_wants_is_told_with_the_words_that_show_it() -> None:
    mention = a_mention(text="Still waiting: the app keeps crashing", lang="en", intents=("complaint", "older"))
    found = with_intents(why(mention), mention, {})
    assert found.intents == {"complaint": ["Still waiting", "keeps crashing"]}
    assert {mention.text[mark.start : mark.end] for mark in found.text if mark.kind == "wants"} == set(
        found.intents["complaint"]
    )
    line = next(line for line in lines_of(mention, 90, reasons=found) if line.startswith("wants"))
    assert line.split("wants", 1)[1].strip() == "complaint by still waiting · keeps crashing   older"
    assert not any(line.startswith("wants") for line in lines_of(a_mention()))
