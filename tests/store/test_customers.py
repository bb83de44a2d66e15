"""Lists of customers: read from hostile files, kept, and asked for by segment."""

from __future__ import annotations

from pathlib import Path

import pytest

from listen.model import Author
from listen.query import parse
from listen.store import customers, forget
from listen.store.customers import Customer, Fault, NoList
from listen.store.read import Reader
from listen.store.triage import Done, Triage
from tests.store.posts import NOW, Desk, Turned, make_post


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
    listed = [Customer("claire", "", "C1", "VIP"), Customer("bob", "net", "C2", "Été")]
    assert customers.compared(desk.connection, listed, True) == (2, 0, 0, 0, 0)
    customers.say(desk.connection, dict(map(customers.told, listed)))
    for at, (name, network) in enumerate((("Claire", "net"), ("bob", "net"), ("bob", "other"), ("c2", "other"))):
        desk.add([make_post(f"p{at}", "said", author=Author(name), network=network)])
    ids = dict(desk.rows("SELECT id, handle FROM authors"))
    first, last = min(ids), max(ids)
    desk.connection.executemany("INSERT INTO identities VALUES (?,?,'','',0)", [(first, first), (last, first)])
    again = [Customer("claire", "", "C1", "VIP"), Customer("bob", "net", "C2", "été")]
    assert customers.compared(desk.connection, again, False) == (0, 1, 1, 0, 2)
    customers.say(desk.connection, dict(map(customers.told, again)))

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
    customers.say(desk.connection, {("", "claire"): None})
    assert found("segment:vip") == []


def test_an_imported_list_is_one_step_that_is_taken_back_and_holds_nobody_who_is_forgotten(
    desk: Desk, store_path: Path, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listen.store.actions.STEP", 2)

    def listed() -> dict[str, str]:
        return dict(desk.rows("SELECT handle_key, segment FROM customers"))

    first = [Customer(name, "", f"C-{name}", "VIP") for name in ("ann", "bob", "claire", "dan", "eve")]
    with Triage(store_path, "ana", clock) as ana:
        assert ana.keep_customers(first, replace=False) == Done("5 customers imported", 5)
        assert ana.keep_customers(first, replace=False).count == 0
        second = [Customer("bob", "", "C-bob", "fleet"), Customer("zoe", "net", "", "new")]
        assert ana.keep_customers(second, replace=True).count == 6
        assert listed() == {"bob": "fleet", "zoe": "new"}
        assert ana.undo() == Done("undone: 6 customers imported", 6)
        assert listed() == dict.fromkeys(("ann", "bob", "claire", "dan", "eve"), "VIP")
        assert ana.redo() == Done("redone: 6 customers imported", 6)
        assert listed() == {"bob": "fleet", "zoe": "new"}
        customers.say(desk.connection, {("", "bob"): '["C-bob", "gold"]'})
        assert ana.undo() == Done("undone: 5 customers imported (1 changed or gone since, left alone)", 5)
        assert listed() == {"bob": "gold", **dict.fromkeys(("ann", "claire", "dan", "eve"), "VIP")}
        desk.add([make_post("p", "said", author=Author("Claire"), network="net")])
        for _ in forget.erase(desk.writer, forget.found(desk.connection, "claire"), "eve"):
            pass
        assert "claire" not in "".join(row[0] for row in desk.rows("SELECT detail FROM journal"))
        assert ana.undo() == Done("undone: 3 customers imported (1 changed or gone since, left alone)", 3)
        assert listed() == {"bob": "gold"}
        assert ana.redo() is not None
        assert listed() == {"bob": "VIP", **dict.fromkeys(("ann", "dan", "eve"), "VIP")}
