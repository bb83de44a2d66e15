"""What brands are called says nothing: in what is scored there are blanks in its place."""

from __future__ import annotations

import pytest

from listen.model import Mention, Tracked
from listen.namesakes import Namesakes, blanked
from listen.sentiment import score
from listen.sentiment.stored import explained, heard_toward

BEST_BUY = Tracked('"best buy" OR bestbuy OR "great deals"', "best-buy", "brand")
FREE = Tracked("{Free} OR (free AND mobile)", "Free", "competitor")
BROKEN = Tracked('"broken screen"', "broken screen", "theme")
ACME = Tracked("acme", "acme", "brand")


@pytest.mark.parametrize(
    ("text", "topics", "left"),
    [
        ("Best Buy called", [BEST_BUY], "         called"),
        ("a best-buy, at best", [BEST_BUY], "a         , at best"),
        ("great deals at Best Buy", [BEST_BUY], "great deals at         "),
        ("Best Buy called", [ACME], "Best Buy called"),
        ("a broken screen", [BROKEN], "a broken screen"),
        ("Free est en panne, feel free", [FREE], "     est en panne, feel     "),
        ("Best Buy or Free?", [FREE, BEST_BUY], "         or     ?"),
    ],
)
def test_names_are_blanked_and_nothing_moves(text: str, topics: list[Tracked], left: str) -> None:
    assert blanked(text, topics) == left


def test_only_the_topics_that_match_take_their_names_out() -> None:
    names = Namesakes({1: BEST_BUY, 2: ACME, 3: FREE})
    assert names.blanked("Free, best buy", [1, 2]) == "Free,         "
    assert names.blanked("Free, best buy", []) == "Free, best buy"


def test_a_version_for_who_scored_before() -> None:
    assert Namesakes({1: ACME, 2: BROKEN}).version == ""
    first = Namesakes({1: BEST_BUY, 2: ACME}).version
    assert first
    assert first == Namesakes({7: BEST_BUY}).version
    assert first != Namesakes({1: BEST_BUY, 2: FREE}).version


def test_a_stored_score_is_explained_without_names_and_with_them() -> None:
    topics = {"best-buy": BEST_BUY}
    text = "Best Buy was friendly"
    assert score(text, "en").score != score(blanked(text, [BEST_BUY]), "en").score
    for heard, words in ((blanked(text, [BEST_BUY]), ["friendly"]), (text, ["Best", "friendly"])):
        mention = Mention(1, "n", "x", "post", text, lang="en", score=score(heard, "en").score, topics={"best-buy": 1})
        told = explained(mention, topics)
        assert told is not None
        assert [told[1][word.start : word.end] for word in told[0].words] == words
        toward = heard_toward(mention, topics)["best-buy"]
        assert toward is not None
        assert [text[word.start : word.end] for word in toward.words if word.share] == ["friendly"]
