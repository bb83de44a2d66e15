"""The child that sends by Apprise: a job a line on standard input, an answer a line on standard output.

Addresses come by the pipe and never as arguments, where any process of the machine could read them.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

SAID = 4_096
"""Characters of Apprise's own words that are handed back, to be masked and then cut."""


class Heard(logging.Handler):
    """Keeps what Apprise says of a failure: its answer is only yes or no."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def send(job: Mapping[str, Any], heard: Heard) -> dict[str, Any]:
    """`{"error": why it did not arrive, or empty, "hopeless": whether it never can}`."""
    import apprise  # in this process alone

    heard.lines.clear()
    # One address for each call: with two, a failure of one would be sent to both again. Retrying is the outbox's.
    service = apprise.Apprise()
    if not service.add(str(job["url"])):
        return {"error": "that is no Apprise URL: see github.com/caronc/apprise/wiki", "hopeless": True}
    sent = service.notify(
        body=str(job["text"]), title=str(job["title"]), body_format=apprise.NotifyFormat.TEXT, interpret_escapes=False
    )
    return {"error": "" if sent else " / ".join(heard.lines)[:SAID] or "it was not delivered", "hopeless": False}


def main() -> None:
    """Answer until standard input is closed."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a plugin that prints must not answer
    import apprise  # noqa: F401 - half a second, which the first letter is not to wait for

    heard = Heard()
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    logger.propagate = False
    for line in sys.stdin.buffer:
        try:
            answer = send(json.loads(line), heard)
        except Exception as error:  # the parent shall hear of it, not of a closed pipe
            answer = {"error": f"{type(error).__name__}: {error}"[:SAID], "hopeless": False}
        answers.write(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
