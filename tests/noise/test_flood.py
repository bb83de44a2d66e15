"""One author who says the same again and again."""

from __future__ import annotations

import itertools

from listen.model import SEQUENCE_BITS
from listen.noise.flood import OFTEN, Floods

DAY = 86_400 << SEQUENCE_BITS
TEXT = "Acme batteries are now sold out in the shop, order here https://x.example/{0} @user{0}"


def heard(floods: Floods, *ids: int, author: int | None = 7, text: str = TEXT, kind: str = "post") -> set[int]:
    return {noise for one in ids for noise in floods.heard(one, author, kind, None, text.format(one))}


def test_the_first_of_a_flood_stays_in_whatever_order_it_is_heard() -> None:
    ids = [10 * DAY + n for n in range(OFTEN)]
    for order in itertools.permutations(ids):
        assert heard(Floods(), *order) == set(ids[1:])
    floods = Floods()
    assert heard(floods, *ids[1:]) == set()
    assert heard(floods, ids[0], ids[-1] + 1) == {*ids[1:], ids[-1] + 1}


def test_an_earlier_one_takes_the_place_of_the_first() -> None:
    floods, ids = Floods(), [10 * DAY + n for n in range(1, OFTEN + 1)]
    heard(floods, *ids)
    assert heard(floods, 10 * DAY) == {ids[0]}


def test_few_other_people_other_days_short_texts_and_reviews_are_no_flood() -> None:
    ids = range(10 * DAY, 10 * DAY + OFTEN)
    assert heard(Floods(), *ids[:-1]) == set()
    assert heard(Floods(), *ids, author=None) == set()
    assert heard(Floods(), *ids, text="Thank you! {}") == set()
    assert heard(Floods(), *ids, kind="review") == set()
    assert heard(Floods(), *(n * DAY for n in range(10, 10 + OFTEN))) == set()
    assert {n for one in ids for n in Floods().heard(one, one, "post", None, TEXT)} == set()


def test_what_was_said_long_ago_is_forgotten() -> None:
    floods = Floods(kept=3)
    heard(floods, *range(10 * DAY, 10 * DAY + OFTEN - 1))
    for author in range(100, 103):
        floods.heard(10 * DAY + author, author, "post", None, TEXT)
    assert heard(floods, 10 * DAY + 99) == set()
