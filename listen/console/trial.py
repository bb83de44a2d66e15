"""What became of "try it now", in words: asked of the collector, waiting, answered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from listen.store import condition
from listen.store.requests import Request

PATIENCE = 60.0
"""Real seconds without an answer after which the person is told that it may take longer."""

SHOWN = 10.0
"""Real seconds that a row shows an answer."""


@dataclass(slots=True)
class Trial:
    """One request, from the key that asked for it to its answer."""

    name: str
    """What is tried. Foreign text."""
    collected: bool = True
    """Somebody collects, as far as is known."""
    number: int | None = None
    """The request's, once it is in the store."""
    request: Request | None = None
    asked_at: float = field(default_factory=time.monotonic)
    answered_at: float | None = None
    overdue_told: bool = False

    @property
    def open(self) -> bool:
        """No answer yet."""
        return self.answered_at is None

    @property
    def good(self) -> bool:
        """Nothing has gone wrong by now."""
        answer = self.answer
        return not (self.request is not None and self.request.error) and not (answer and answer.get("failed"))

    @property
    def answer(self) -> Mapping[str, Any] | None:
        return self.request.answer if self.request is not None else None

    @property
    def late(self) -> bool:
        """It takes longer than anybody wants to wait for."""
        return self.open and time.monotonic() - self.asked_at > PATIENCE

    def see(self, request: Request) -> bool:
        """What the store says of it; True when that is its answer."""
        self.request = request
        if request.done_at is None or self.answered_at is not None:
            return False
        self.answered_at = time.monotonic()
        return True

    def brief(self) -> str:
        """For a narrow column; empty when there is nothing to say any more."""
        if self.open:
            taken = self.request is not None and self.request.taken_at is not None
            return "asking…" if taken or (self.collected and not self.late) else "it waits"
        if time.monotonic() - (self.answered_at or 0.0) > SHOWN:
            return ""
        answer = self.answer
        if answer is None:
            return "not asked"
        if answer.get("failed") and answer.get("failed") == answer.get("channels"):
            return "failed"
        return f"+{answer.get('new', 0):,} new" if answer.get("new") else "nothing new"

    def told(self) -> str:
        """In full. May hold foreign text."""
        if self.open:
            if not self.collected:
                return "asked; nobody collects, so it waits until somebody does"
            if self.late:
                return "asked; no answer yet, it comes when the collector gets to it"
            return "asked…"
        if self.request is not None and self.request.error:
            return f"not asked: {self.request.error}"
        return answered(self.answer or {})


def answered(answer: Mapping[str, Any]) -> str:
    """`asked: 3 new, 40 known`, or what went wrong and what to do about it. May hold foreign text."""
    channels, failed, new, known = (int(answer.get(name, 0)) for name in ("channels", "failed", "new", "again"))
    errors = [one for one in answer.get("errors") or () if isinstance(one, dict)]
    heard = f"{new:,} new, {known:,} known" if new or known else "nothing new"
    if channels == 1:
        wrong = _wrong(errors[0]) if errors else "it failed"
        return f"asked: {wrong}" if failed else f"asked: {heard}"
    told = f"asked {channels:,} channels: {heard}"
    if not failed:
        return told
    first = f"; {errors[0].get('channel', '')}: {_wrong(errors[0])}" if errors else ""
    return f"{told}, {failed:,} failed{first}"


def _wrong(error: Mapping[str, Any]) -> str:
    return condition.advice(str(error.get("error", "")), str(error.get("remedy") or "") or None)
