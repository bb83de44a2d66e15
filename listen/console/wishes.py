"""What a person wants done to topics and views: asked of the collector, waiting, answered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from listen.store.requests import Request

PATIENCE = 15.0
"""Real seconds without an answer after which the person is told that it may take longer."""

OF_DESK = {"answer_within": "promise", "assign": "assign", "tags": "tags"}
"""Key of a desk -> the command that types it."""


@dataclass(slots=True, eq=False)
class Wish:
    """One request, from the key that asked for it to its answer. Names are foreign text."""

    doing: str
    """`saving the view crisis`"""
    done: str
    """`the view crisis is saved`; empty for a topic that is matched anew, which tells its figures."""
    kind: str
    body: Mapping[str, Any]
    topic: str = ""
    """The topic that is to be matched anew."""
    number: int | None = None
    """The request's, once it is in the store."""
    asked_at: float = field(default_factory=time.monotonic)
    late_told: bool = False

    @property
    def late(self) -> bool:
        """It takes longer than anybody wants to wait for; said once."""
        late = not self.late_told and time.monotonic() - self.asked_at > PATIENCE
        self.late_told = self.late_told or late
        return late

    @property
    def kept(self) -> tuple[str, str] | None:
        """(kind, name) of what was typed for it, which is kept when it cannot be done; None where nothing was."""
        kind = next((one for one in ("topic", "view", "desk", "rule") if one in self.body), None)
        typed = self.body.keys() & {"entry", "query", "set"}
        return (kind, str(self.body[kind])) if kind is not None and typed else None

    @property
    def again(self) -> str:
        """Where what was typed for it is found."""
        if self.kept is None or "again" in self.body:
            return ""
        kind, name = self.kept
        sets = self.body.get("set", {})
        verb = next((verb for key, verb in OF_DESK.items() if key in sets), "edit")
        return f", :{kind} {'new' if self.body.get('new') else verb} {name} has yours"

    def outcome(self, request: Request) -> tuple[str, bool] | None:
        """(what became of it, whether it is good), None when that is not known yet."""
        if request.done_at is None:
            return None
        if request.error:
            return f"not done{self.again}: {request.error}", False
        answer = request.answer or {}
        if self.topic and answer.get("query") == answer.get("before"):
            return f"{self.topic} has that query already", True
        if self.done or not self.topic:
            return self.done or str(answer.get("message", "")), True
        least = "" if answer.get("exact", True) else "at least "
        figures = f"{least}{answer.get('gained', 0):,} to gain, {answer.get('lost', 0):,} to lose"
        return f"{self.topic} is being matched over all that is stored: {figures}", True
