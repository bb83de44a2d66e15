"""Agreement with labels, checked by hand."""

from __future__ import annotations

import io

import pytest

from listen.sentiment.evaluation import LabelError, agreement, read, side


def test_the_figures_are_those_of_a_table_made_by_hand() -> None:
    truths = read(io.StringIO("text,label\na,neg\nb,neg\nc,neu\nd,pos\ne,pos\nf,pos\n"))
    found = agreement(truths, [-0.5, 0.5, 0.0, 0.9, None, 0.049], [1, 1, 0, 2, None, 1])
    assert found.confusion == ((1, 0, 1), (0, 1, 0), (0, 2, 1))
    assert (found.n, found.accuracy, found.wrong_sign) == (6, 0.5, 0.2)
    assert (found.unscored, found.without_hit) == (1, 1)
    assert found.macro_recall == pytest.approx((1 / 2 + 1 + 1 / 3) / 3)
    assert found.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 2 / 5) / 3)


def test_a_side_begins_where_a_mention_s_does() -> None:
    assert [side(one) for one in (-0.05, -0.0494, None, 0.0494, 0.05)] == [-1, 0, 0, 0, 1]


def test_correlation_needs_both_to_vary() -> None:
    varied = read(io.StringIO("text,label\na,-3.2\nb,0.1\nc,2\n"))
    assert [one.side for one in varied] == [-1, 0, 1]
    assert agreement(varied, [-0.32, 0.01, 0.2], [1, 1, 1]).correlation == pytest.approx(1.0)
    assert agreement(varied, [0.0, None, 0.0], [0, 0, 0]).correlation is None


def test_labels_are_read_as_they_are_written() -> None:
    told = read(io.StringIO("Label,Lang,Text\nPositive,FR,bon\nn\u00e9gatif,,nul\n"))
    assert [(one.text, one.truth, one.lang) for one in told] == [("bon", 1, "fr"), ("nul", -1, None)]
    assert [one.truth for one in read(io.StringIO("text,label\na,0\nb,1\nc,2\n"))] == [-1, 0, 1]
    assert [one.truth for one in read(io.StringIO("text,label\na,0\nb,1\nc,-1\n"))] == [0, 1, -1]
    assert [one.side for one in read(io.StringIO("text,label\na,1\nb,2\nc,3\nd,4\ne,5\n"))] == [-1, -1, 0, 1, 1]
    assert [one.truth for one in read(io.StringIO("text,label\na,0\nb,2\nc,4\n"))] == [-1, 0, 1]
    assert [one.side for one in read(io.StringIO("text,label\na,1\nb,3\nc,4\n"))] == [1, 1, 1], "no star scale"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("text,label\na,good", 'line 2: expected neg, neu, pos or a number as label, got "good"'),
        ("text,label\na,nan", "line 2"),
        ("said,label\na,pos", "line 1: expected the columns text and label, maybe lang; found said, label"),
        ("", "found nothing"),
        ("text,label\n", "no labelled text"),
        ("text,label\na\0,b\n" + "x" * (1 << 24) + "y,pos\n", "line "),
    ],
)
def test_a_faulty_file_says_where(text: str, told: str) -> None:
    with pytest.raises(LabelError) as raised:
        read(io.StringIO(text))
    assert told in str(raised.value)
