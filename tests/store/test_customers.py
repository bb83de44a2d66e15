"""Lists of customers: read from hostile files, kept, and asked for by segment."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.model import Author
from listen.query import parse
from listen.store import customers
from listen.store.customers import Customer, Fault, NoList
from listen.store.read import Reader
from tests.store.posts import NOW, Desk, make_post


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("handle,customer id,segment,network", "@Claire,C-1,VIP,Mastodon"),
        ("\ufeffNetwork;Segment;HANDLE;Customer_ID;more", 'mastodon;VIP;"Claire";C-1;x'),
        ("customer-id\thandle\tsegment\tplatform", " C-1 \tclaire\t VIP\tmastodon"),
    ],
)
def test_lists_are_read_whatever_their_order_and_divider(head: str, row: str) -> None:
    assert list(customers.read([head, row, "", "  "])) == [Customer("claire", "mastodon", "C-1", "VIP")]


def test_lines_that_are_no_customers_are_told_and_the_others_taken() -> None:
    told = list(
        customers.read(
            [
                "handle,customer id,segment,network\n", ",C1,VIP\n", "ann\n", "=cmd|' /C calc'!A0,\x1b[2J,VIP\x00\n",
                f"{'x' * 300},C,VIP\n", "bob,C2,VIP,not a network\n", "b\ufffdb,C3,VIP\n", '"two\nlines",C4,"a, b"\n',
                f"{'y' * 200_000},C5,VIP\n", "dan,C6,\n",
            ]
        )
    )  # fmt: skip
    faults = {one.line: one.message for one in told if isinstance(one, Fault)}
    assert [one for one in told if isinstance(one, Customer)] == [
        Customer("=cmd|' /c calc'!a0", "", "\x1b[2J", "VIP"), Customer("two lines", "", "C4", "a, b"),
        Customer("dan", "", "C6", ""),
    ]  # fmt: skip
    assert set(faults) >= {2, 3, 5, 6, 7}
    assert len(faults) == 6
    assert "no handle" in faults[2]
    assert "neither a customer nor a segment" in faults[3]
    assert "not a network" in faults[6]
    assert "UTF-8" in faults[7]


@pytest.mark.parametrize("head", ["", "name,segment", "handle,segment"])
def test_a_list_without_its_headings_says_what_is_missing(head: str) -> None:
    with pytest.raises(NoList, match=r"line 1 names no .*customer.* such as handle,customer id,segment"):
        list(customers.read([head, "a,b"]))


def test_segments_are_asked_for_also_of_other_accounts_of_the_same_person(desk: Desk, store_path: Path) -> None:
    taken = customers.put(desk.connection, [Customer("claire", "", "C1", "VIP"), Customer("bob", "net", "C2", "Été")])
    assert taken == (2, 0, 0, 0, 0)
    for at, (name, network) in enumerate((("Claire", "net"), ("bob", "net"), ("bob", "other"), ("c2", "other"))):
        desk.add([make_post(f"p{at}", "said", author=Author(name), network=network)])
    ids = dict(desk.rows("SELECT id, handle FROM authors"))
    first, last = min(ids), max(ids)
    desk.connection.executemany("INSERT INTO identities VALUES (?,?,'','',0)", [(first, first), (last, first)])
    again = [Customer("claire", "", "C1", "VIP"), Customer("bob", "net", "C2", "été")]
    assert customers.put(desk.connection, again) == (0, 1, 1, 0, 2)

    def found(query: str) -> list[str]:
        with Reader(store_path) as reader:
            ids = reader.page(parse(query), budget=None, now=NOW).ids
            return sorted(one.external_id for one in reader.mentions(ids))

    assert found("segment:vip") == ["p0", "p3"]
    assert found("segment:ETE") == ["p1"]
    assert found("-segment:(vip ete)") == ["p2"]
    with Reader(store_path) as reader:
        assert [(one.text, one.n) for one in reader.heard("segment", "V")] == [("VIP", 1)]
        (who,) = reader.who([first])
        assert [(one.customer, one.segments) for one in who.accounts] == [("C1", ("VIP",)), ("", ())]
        assert who.segments == ("VIP",)
    assert customers.keep_only(desk.connection, {("bob", "net")}) == 1
    assert found("segment:vip") == []
