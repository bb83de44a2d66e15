"""Threads that talk to the store, each with its own connection, so that the screen never waits for a disk.

A `Clerk` answers questions one after another; a new question of a kind takes the place of the one before, also of the
one that is being answered. `Hands` carry out what a person did, all of it and in order.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from listen.clock import Clock
from listen.console.answers import Acted, Acting, Failed, Post, Recovered
from listen.store.files import identity
from listen.store.read import Reader
from listen.store.sqlite import StoreBusy, StoreError, StoreFull, explained
from listen.store.triage import Done, HalfDone, Report, Triage

AGAIN = 1.0
"""Seconds until a store that cannot be opened is tried again."""

REPORT = 0.25
"""Seconds between two reports of a long action."""


class Asked:
    """One question: whether its answer is still wanted, and from when on (monotonic seconds) it may be asked."""

    __slots__ = ("due", "job", "kind", "wanted")

    def __init__(self, kind: str, job: Job) -> None:
        self.kind, self.job, self.wanted, self.due = kind, job, True, 0.0


Job = Callable[[Reader, Asked, Post], object]
"""Answers a question: returns the answer, or posts several and returns None."""


class Clerk:
    """Answers questions about the store in a thread of its own."""

    def __init__(self, name: str, store: Path, post: Post, who: str = "") -> None:
        """`who` asks: `assignee:me` is that person."""
        self._name, self._store, self._post, self._who = name, store, post, who
        self._wake = threading.Condition()
        self._questions: dict[str, Asked] = {}
        self._current: Asked | None = None
        self._reader: Reader | None = None
        self._closed = self._failed = False
        self._thread = threading.Thread(target=self._run, name=f"listen-{name}", daemon=True)

    def ask(self, kind: str, job: Job) -> None:
        """Ask; an older question of this kind is dropped, and stopped when it is being answered."""
        with self._wake:
            if self._closed:
                return
            self._drop(kind)
            self._questions[kind] = Asked(kind, job)
            self._wake.notify()
            if self._thread.ident is None:
                self._thread.start()

    def cancel(self, kind: str) -> None:
        """The answer is not wanted any more; what was found by now is still told."""
        with self._wake:
            self._drop(kind)
        self._settle()

    def close(self, patience: float = 2.0) -> None:
        """Stop what runs and end the thread."""
        with self._wake:
            self._closed = True
            self._questions.clear()
            self._stop_current()
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(patience)

    def _drop(self, kind: str) -> None:
        self._questions.pop(kind, None)
        if self._current is not None and self._current.kind == kind:
            self._stop_current()

    def _stop_current(self) -> None:
        if self._current is not None:
            self._current.wanted = False
            if self._reader is not None:
                self._reader.stop()

    def _run(self) -> None:
        while (asked := self._next()) is not None:
            try:
                if self._reader is not None and self._reader.moved:
                    self._reader.close()
                    self._reader = None
                if self._reader is None:
                    self._reader = Reader(self._store, self._who)
                answer = asked.job(self._reader, asked, self._post)
            except Exception as error:
                self._fail(error, asked)
                continue
            if self._failed:
                self._failed = False
                self._post(Recovered(self._name))
            if answer is not None:
                self._post(answer)
        if self._reader is not None:
            self._reader.close()

    def _next(self) -> Asked | None:
        with self._wake:
            self._current = None
            while not self._closed:
                now = time.monotonic()
                for kind, asked in self._questions.items():
                    if asked.due <= now:
                        self._current = self._questions.pop(kind)
                        return self._current
                due = min((asked.due for asked in self._questions.values()), default=None)
                self._wake.wait(None if due is None else due - now)
            return None

    def _fail(self, error: Exception, asked: Asked) -> None:
        """Say why there is no answer, and ask again with a fresh connection after a while; other questions go on."""
        self._post(Failed(sentence_of(error), self._name))
        self._failed = True
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        asked.due = time.monotonic() + AGAIN
        with self._wake:
            if not self._closed and asked.wanted:
                self._questions.setdefault(asked.kind, asked)
        self._settle()

    def _settle(self) -> None:
        """Once nobody wants to know any more what could not be answered, there is no fault to show."""
        with self._wake:
            idle = not self._questions and (self._current is None or not self._current.wanted)
            settled, self._failed = self._failed and idle, self._failed and not idle
        if settled:
            self._post(Recovered(self._name))


Action = Callable[[Triage], Done | None]
"""Something that a person does."""


class Hands:
    """Carries out a person's actions in a thread of its own: every one of them, in order."""

    def __init__(self, store: Path, who: str, clock: Clock, post: Post) -> None:
        self._store, self._who, self._clock, self._post = store, who, clock, post
        self._actions: deque[tuple[str, Sequence[int], Action, Post]] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._triage: Triage | None = None
        self._file: tuple[int, int] | None = None

    def do(self, verb: str, ids: Sequence[int], action: Action, post: Post | None = None) -> None:
        """Carry out; the answer is an `Acted` with this verb and these ids, after an `Acting` now and then.

        It goes to `post` when that is given. What has no verb is no action of the person: nothing is answered.
        """
        with self._wake:
            self._actions.append((verb, ids, action, post or self._post))
            self._wake.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="listen-hands", daemon=True)
            self._thread.start()

    def close(self, patience: float = 8.0) -> None:
        """Finish what was begun."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(patience)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._actions and not self._closed:
                    self._wake.wait()
                if not self._actions:
                    break
                verb, ids, action, post = self._actions.popleft()
            acted = self._carried_out(verb, ids, action, post)
            if verb:
                post(acted)
        self._let_go()

    def _carried_out(self, verb: str, ids: Sequence[int], action: Action, post: Post) -> Acted:
        try:
            if self._triage is not None and identity(self._store) != self._file:
                self._let_go()  # what is written into a file that was deleted is lost
            if self._triage is None:
                self._file = identity(self._store)
                self._triage = Triage(self._store, self._who, self._clock)
            self._triage.report = self._reporter(verb, post)
            done = action(self._triage)
        except Exception as error:
            self._let_go()
            return Acted(verb, "", ids=ids, error=_in_vain(verb, error), half=isinstance(error, HalfDone))
        if done is None:
            return Acted(verb, "", ids=ids)
        return Acted(verb, done.text, done.count, ids, touched=done.ids, rivals=done.rivals)

    def _reporter(self, verb: str, post: Post) -> Report:
        last = time.monotonic()

        def report(done: int, of: int) -> None:
            nonlocal last
            if done < of and time.monotonic() - last >= REPORT:
                last = time.monotonic()
                post(Acting(verb, done, of))

        return report

    def _let_go(self) -> None:
        """Close the connection: the next action opens one anew, also after a fault."""
        if self._triage is not None:
            self._triage.close()
            self._triage = None


def _in_vain(verb: str, error: Exception) -> str:
    """What did not happen, why, and what to do."""
    unhappened = _IN_VAIN.get(verb, f"not {verb}")
    match error:
        case HalfDone():
            return str(error)
        case StoreBusy():
            return f"{unhappened}: somebody else has been writing to the store for too long; press it again"
        case StoreFull():
            what, _, _ = str(error).partition(";")
            return f"{unhappened}, nothing has changed: {what}; make room, then press it again"
    return f"{unhappened}, nothing has changed: {sentence_of(error)}"


_IN_VAIN = {"undo": "not taken back", "redo": "not done again", "no longer starred": "the star stays"}


def sentence_of(error: BaseException) -> str:
    """An error as a sentence for the screen: no traceback, nothing secret."""
    told: Any = explained(error)
    if isinstance(told, (StoreError, OSError)):
        return str(told)
    frame = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    place = f" at {Path(frame.filename).name}:{frame.lineno}" if frame else ""
    if sys.flags.dev_mode:
        traceback.print_exception(error)
    return f"unexpected {type(error).__name__}{place}; please report it"
