"""What a notice says: plain words for people, everything for machines, and no foreign word that acts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from listen.alerts.cycle import Notice
from listen.alerts.notify import letters
from listen.alerts.notify.targets import Target
from listen.model import Author
from listen.store.alerts import FIRING, RESOLVED, Alert
from listen.store.mentions import Added
from tests.store.posts import NOW, Desk, make_post

TARGETS = {"duty": Target("duty", "command", argv=("x",)), "mail": Target("mail", "command", argv=("x",))}
ALERT = Alert(
    7, "buzz", "topic:acme", {"topic": "acme"}, "page", FIRING, NOW - 600, NOW, NOW,
    value=41.0, evidence={"text": "41 in the hour, expected 9 ± 4", "words": ["recall", "fire"], "mentions": [1]},
)  # fmt: skip


def notice(*alerts: Alert, kind: str = "firing", severity: str = "page") -> Notice:
    route = ("after-sales", "notify:duty", "notify:mail", "notify:duty")
    return Notice("firing-7-1", "buzz", kind, severity, route, NOW, alerts)  # type: ignore[arg-type]


def stored(desk: Desk) -> Added:
    return desk.add([make_post("1", "@everyone the acme battery\nburns \x1b[31mred", author=Author("claire"))])


def test_a_letter_tells_arithmetic_words_and_mentions_to_each_target_once(desk: Desk) -> None:
    (number,) = stored(desk).new_ids
    one = replace(ALERT, evidence={**ALERT.evidence, "mentions": [number, 404]})
    drafts = letters.drafts(desk.connection, [notice(one)], TARGETS, NOW)
    assert [(draft.target, draft.key, draft.thread, draft.due_at) for draft in drafts] == [
        ("duty", "firing-7-1", "buzz 7", NOW),
        ("mail", "firing-7-1", "buzz 7", NOW),
    ]
    body = drafts[0].body
    assert body["title"] == "buzz fires for topic:acme"
    lines = body["text"].splitlines()
    assert lines[:2] == ["topic:acme: 41 in the hour, expected 9 ± 4", "New words: recall, fire"]
    assert lines[2].startswith("– claire: ")
    assert "@everyone" not in body["text"]
    assert "\x1b" not in body["text"]
    assert body["alerts"][0]["evidence"]["mentions"][0]["id"] == number
    message = letters.message_of("firing-7-1", "duty", body)
    assert message.text.splitlines()[-1] == f"#{letters.short('firing-7-1', 'duty')}"
    assert message.record["key"] == "firing-7-1"


def test_the_end_is_told_with_how_long_it_lasted_and_a_digest_waits(desk: Desk) -> None:
    over = replace(ALERT, state=RESOLVED, resolved_at=NOW + 5_400, evidence={"text": "12 in the hour"})
    (draft, _) = letters.drafts(desk.connection, [notice(over, kind="resolved", severity="digest")], TARGETS, NOW)
    assert "It lasted 90 min, until 01:30 UTC." in draft.body["text"]
    assert draft.due_at == TARGETS["duty"].next_digest(NOW)
    digest = letters.digest_of("2026-01-02", "duty", [draft.body, draft.body])
    assert (digest.key, digest.title) == ("digest-2026-01-02", "listen: 2 alerts since yesterday")


@pytest.mark.parametrize("many", [1, 9])
def test_a_text_keeps_within_what_chats_take(desk: Desk, many: int) -> None:
    loud = replace(ALERT, evidence={"text": "x" * 9_000})
    body = letters.body_of(notice(*[loud] * many), {})
    assert len(letters.message_of("k", "duty", body).text) <= letters.LONGEST
    assert len(body["title"]) <= letters.TITLE
