import pytest

from listen.query.lint import MOST, lint
from listen.query.parse import parse
from listen.query.picture import picture


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ('acme OR "acme battery"', '"acme battery"'),
        ("acme OR #acme", "#acme"),
        ("battery OR bat*", "battery"),
        ("(acme NEAR/5 died) OR acme", "acme NEAR/5 died"),
        ("lang:fr lang:fr", "lang:fr"),
        ('acme "acme battery"', "acme"),
        ("x (acme OR acme)", "acme"),
        ("acme or rival", "or"),
        ("acme reach:>9", "reach:>9"),
    ],
)
def test_what_says_nothing_new_is_found(written: str, part: str) -> None:
    assert part in [written[hint.column : hint.column + hint.length] for hint in lint(written)]


@pytest.mark.parametrize(
    "written",
    [
        "acme",
        'acme -"acme toy"',
        "acme OR rival",
        "title:acme OR acmes",
        "bat* OR cat*",
        "bat* acme",
        "lang:fr lang:de",
    ],
)
def test_what_is_in_order_is_left_in_peace(written: str) -> None:
    assert lint(written) == []


def test_thousands_of_parts_take_no_time_worth_waiting_for() -> None:
    assert len(lint(" OR ".join(["acme"] * 2_000))) == MOST


def test_a_tree_is_read_line_by_line() -> None:
    text = 'acme (battery OR "died today") -toy title:(a NEAR/5 b) lang:(fr de)'
    assert picture(parse(text), text) == [
        "AND", "  acme", "  OR", "    battery", '    "died today"',
        "  NOT", "    toy", "  title:(a NEAR/5 b)", "  lang:(fr de)",
    ]  # fmt: skip
    assert picture(parse(""), "") == ["every mention"]
