"""What is said about queries that cannot be read, and about those that may not mean what they say."""

from __future__ import annotations

import pytest

from listen.query import QueryError, hints, parse


def fault(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text)
    return caught.value


FAULTS = [
    # query, what the carets stand under, part of the sentence
    ('"', '"', "never closed"),
    ('a "b c', '"', "never closed"),
    ("(a", "(", "never closed"),
    ("lang:(fr", "(", "never closed"),
    ("a {B", "{", "never closed"),
    ("a <<< b", "<<<", "never closed"),
    ("a)", ")", "no ( belongs"),
    ("a }", "}", "no { belongs"),
    ("()", "()", "nothing between"),
    ('""', '""', "nothing to look for"),
    ("a AND", "AND", "wants a term after it"),
    ("(a OR) b", "OR", "wants a term after it"),
    ("a NOT", "NOT", "wants a term after it"),
    ("a NEAR/5", "NEAR/5", "wants a term after it"),
    ("-AND", "-", "wants a term after it"),
    ("AND a", "AND", "a term is missing before AND"),
    ("a (OR b)", "OR", "a term is missing before OR"),
    ("NEAR/5 b", "NEAR/5", "a term is missing before NEAR/5"),
    ("a AND OR b", "OR", "between AND and OR"),
    ("a % b", "%", "nothing to look for in `%`"),
    ("a || b", "||", "write OR"),
    ("a - b", "-", "as in -toy"),
    ("_", "_", "nothing to look for"),
    ("https://", "https://", "nothing to look for"),
    ("*", "*", "cannot begin with *"),
    ("a *bat", "*", "cannot begin with *"),
    ("?est", "?", "cannot begin with ?"),
    ("title:*x", "*", "cannot begin with *"),
    ("b*t", "*", "inside a word is not there yet"),
    ("b*", "b*", "two letters"),
    ("e-b*", "e-b*", "two letters"),
    ('"bat* life"', "*", "only the last word"),
    ("l'h?tel", "l'h?tel", "inside one word"),
    ("#ta*", "#ta*", "not there yet"),
    ("#t?g", "#t?g", "not there yet"),
    ("title:#tag", "#tag", "has no place"),
    ("a /bat(tery)?/", "/bat(tery)?/", "regular expressions are not there yet"),
    ("sourcetype:BLOG", "sourcetype:", "there is no field sourcetype: here"),
    ("/ba.*t/", "/ba.*t/", "regular expressions are not there yet"),
    ("a /b+/i", "/b+/i", "regular expressions are not there yet"),
    ("roam~1", "~1", "is not there yet"),
    ('"a b"~', "~", "number of words"),
    ('"a b"~101', "101", "at most 100"),
    ('"a b c d e f g h i"~3', '"a b c d e f g h i"~3', "8 at most"),
    ("a NEAR b", "NEAR", "wants a number"),
    ("a NEAR/x b", "NEAR/x", "wants a number"),
    ("a ONEAR/101 b", "101", "at most 100"),
    ("a NEAR/5 b ONEAR/5 c", "ONEAR/5", "two different distances"),
    ("a NEAR/5 (b c)", "b c", "stand words"),
    ("a NEAR/5 bat*", "bat*", "not there yet"),
    ("a NEAR/5 #tag", "#tag", "not there yet"),
    ("a NEAR/5 lang:fr", "lang:fr", "stand words"),
    ("a NEAR/5 title:b", "NEAR/5", "one place"),
    ("sorce:x", "sorce:", "did you mean source:"),
    ("a nocol:x", "nocol:", "there is no field nocol:"),
    ("lang:", "lang:", "right after the colon"),
    ("lang: fr", "lang:", "right after the colon"),
    ("title:", "title:", "right after the colon"),
    ("title:-a", "title:", "wants a word"),
    ("title:lang:fr", "title:", "wants a word"),
    ("title:(a lang:fr)", "lang:fr", "cannot stand inside title:( )"),
    ("title:(text:a)", "text:", "cannot stand inside title:( )"),
    ("lang:()", "()", "is empty"),
    ("lang:(fr (de))", "(", "no groups"),
    ('lang:""', '""', "wants a value"),
    ("lang:french", "french", "did you mean lang:fr"),
    ("lang:(fr germann)", "germann", "did you mean lang:de"),
    ("country:(fr en)", "en", "did you mean country:gb"),
    ("country:germny", "germny", "did you mean country:de"),
    ("country:qq", "qq", "two-letter codes of ISO 3166"),
    ("kind:posts", "posts", "did you mean kind:post"),
    ("status:open", "open", "one of new, done"),
    ("is:stared", "stared", "did you mean is:starred"),
    ("is:done", "done", "did you mean status:done"),
    ("has:picture", "picture", "one of link"),
    ("author:@", "@", "wants a handle"),
    ("author:*", "*", "wants a handle"),
    ("author:c*e", "c*e", "at the end"),
    ("site:lemonde.fr/sport", "lemonde.fr/sport", "write url:lemonde.fr/sport"),
    ("url:https://", "https://", "a part of a link"),
    ("link:https://", "https://", "a part of a link"),
    ("sentiment:bad", "bad", "one of neg"),
    ("sentiment:posi", "posi", "did you mean sentiment:pos"),
    ("sentiment:<-3", "<-3", "between -1 and 1"),
    ("toward:acme", "acme", "wants a topic and a tone"),
    ("toward:acme:bad", "bad", "one of neg"),
    ("toward:acme:<-3", "<-3", "write toward:acme:neg or toward:acme:<-0.3"),
    ('toward:"my brand:20x"', "20x", "or toward:acme:neg"),
    ("likes:many", "many", "wants a number"),
    ("likes:>", ">", "wants a number"),
    ("likes:..", "..", "wants a number"),
    ("likes:20..10", "20..10", "write likes:10..20"),
    ("since:yesterday", "yesterday", "write 2h"),
    ("since:2y", "2y", "write 2h"),
    ("since:2026-01..2026-02", "2026-01..2026-02", "write date:"),
    ("since:(2h 3h)", "3h", "one time"),
    ("date:2026-02-29", "2026-02-29", "no such time"),
    ("date:2026-01-31T25:00", "2026-01-31T25:00", "no such time"),
    ("date:2026-01-31T12:00+99:00", "2026-01-31T12:00+99:00", "no such time"),
    ("date:0000", "0000", "the year lies"),
    ("date:9999-12", "9999-12", "the year lies"),
    ("date:2026-02..2026-01", "2026-02..2026-01", "is empty"),
    ("date:2d..7d", "2d..7d", "is empty"),
    ("date:..", "..", "wants a time"),
    ("weekday:(mon funday)", "funday", "write weekday:mon, weekday:mon..fri"),
    ("weekday:>mon", ">mon", "write weekday:mon"),
    ("weekday:mon-fri", "mon-fri", "weekday:mon..fri"),
    ("hour:24", "24", "whole hours from 0 to 23"),
    ("hour:13:00", "13:00", "write hour:13"),
    ("hour:>23", ">23", "whole hours"),
    ("hour:..", "..", "whole hours"),
    ("hour:٣", "٣", "whole hours"),
    ("hour:9@paris", "9@paris", "there is no time zone paris; write hour:9@Europe/Paris"),
    ("hour:9@europe/pariss", "9@europe/pariss", "did you mean 9@Europe/Paris"),
    ("hour:9@", "9@", "@ wants a time zone"),
    ("hour:9@+24:00", "9@+24:00", "there is no time zone"),
    ("hour:9@../../etc/passwd", "9@../../etc/passwd", "there is no time zone"),
    ("hour:9@localtime", "9@localtime", "there is no time zone localtime"),
    ("id:acme", "acme", "wants a mention's number"),
]


@pytest.mark.parametrize(("text", "marked", "sentence"), FAULTS, ids=[text for text, _, _ in FAULTS])
def test_a_fault_is_shown_where_it_is(text: str, marked: str, sentence: str) -> None:
    error = fault(text)
    assert text[error.column : error.column + error.length] == marked
    assert sentence in str(error)
    assert str(error).startswith(f"column {error.column + 1}: ")


def test_the_picture_points_below_wide_and_hidden_signs() -> None:
    assert fault("日本 foo:x").caret("日本 foo:x") == "日本 foo:x\n     ^^^^"
    query = "\x1b[2J sorce:x"
    shown, carets = fault(query).caret(query).split("\n")
    assert "\x1b" not in shown
    assert shown[carets.index("^") :].startswith("sorce:")


def test_the_picture_of_a_long_query_is_cut_around_the_fault() -> None:
    query = "word " * 100 + "% " + "word " * 100
    shown, carets = fault(query).caret(query).split("\n")
    assert len(shown) < 100
    assert shown[carets.index("^")] == "%"


def test_what_was_expected_serves_completion() -> None:
    assert "source:" in fault("sorce:x").expected
    assert "lang:" in fault("a AND").expected
    assert "article" in fault("kind:x").expected
    assert fault("(a").expected == [")"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("(" * 10_000, "64 levels"),
        ("(" * 65 + "a" + ")" * 65, "64 levels"),
        ("a OR " * 20_000, "16,384 bytes"),
        ("é" * 8_193, "16,384 bytes"),
        ("%a" * 30_000, "16,384 bytes"),
        ("x" * 16_000 + ":y", "there is no field xxx"),
        ("%" * 16_000, "nothing to look for"),
        ('"' + "a " * 8_000 + '"~5', "8 at most"),
        ("{" + "a" * 201 + "}", "at most 200 characters"),
        ("(a OR b OR c OR d) " + "NEAR/5 (a OR b OR c OR d) " * 4, "1,024 combinations"),
        ("(a OR b) NEAR/5 (c OR d) " * 65, "more than 256 combinations"),
    ],
)
def test_no_query_is_too_much(text: str, sentence: str) -> None:
    assert sentence in str(fault(text))
    assert len(str(fault(text))) < 600


@pytest.mark.parametrize(
    "text", ["(" * 64 + "a" + ")" * 64, "NOT " * 4_000 + "a", "-" * 16_000 + "a", "a OR " * 3_000 + "a"]
)
def test_the_largest_queries_are_read(text: str) -> None:
    parse(text)


HINTS = [
    ("battery or charger", "or", "write OR"),
    ("battery And charger", "And", "write AND"),
    ("not toy", "not", "write NOT"),
    ("(a) or lang:fr", "or", "write OR"),
    ("a near/5 b", "near/5", "write NEAR/5"),
    ("reach:9", "reach:9", "reach: is not there yet"),
    ("a C++", "C++", "write {C++}"),
    ("!toy", "!toy", "write -toy"),
    ("really?", "really?", "write really to look for"),
    ("https://x.y", "https://x.y", "own link"),
]


@pytest.mark.parametrize(("text", "marked", "sentence"), HINTS, ids=[text for text, _, _ in HINTS])
def test_a_doubtful_spelling_gets_a_hint(text: str, marked: str, sentence: str) -> None:
    (hint,) = hints(text)
    assert text[hint.column : hint.column + hint.length] == marked
    assert sentence in hint.message


@pytest.mark.parametrize(
    "text", ["battery OR charger", '"this or that"', "or", "a-b", "it's", "<<< or >>>", "e.g. this", "(("]
)
def test_a_clear_spelling_gets_none(text: str) -> None:
    assert hints(text) == []
