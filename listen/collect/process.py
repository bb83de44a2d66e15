"""A child process of the workshop as its parent sees it: started by exec, asked by pipe, killed when it hangs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence

import msgspec

from listen import text
from listen.children import environment
from listen.collect import wire

PROGRAM = ("-m", "listen.collect.child")
"""What the interpreter runs, as its arguments."""

START_SECONDS = 60.0
"""For an interpreter to start on a busy machine."""

CLOSE_SECONDS = 2.0
"""For an idle child to see that its input is closed."""

REASONS: Mapping[int, str] = {signal.SIGXCPU: "limit:cpu", signal.SIGALRM: "timeout"}
"""Signals that we had armed; any other one that ends a child is a crash."""


class WorkshopError(Exception):
    """No child starts. That is no source's fault: nothing is set aside, and the collector tries again later."""


class Died(Exception):
    """A job ended without an answer. `reason` is parse-crash, limit:cpu, limit:memory, limit:result or timeout."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class Child:
    """One process and its pipes."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.topics: wire.Topics | None = None
        self._ready = False
        self._complaint = b""
        self._listener = asyncio.get_running_loop().create_task(self._listen())

    @classmethod
    async def start(cls, memory: int, program: Sequence[str] = PROGRAM) -> Child:
        """A new process. Raises WorkshopError when the system gives none."""
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", *program, str(memory),
                stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment(), cwd="/", start_new_session=True, limit=1 << 20,
            )  # fmt: skip
        except OSError as error:
            raise WorkshopError(f"No child process could be started: {error.strerror}.") from error
        return cls(process)

    @property
    def alive(self) -> bool:
        """Whether it still runs, as the kernel knows: the event loop hears of an end some time after it."""
        try:
            ended = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        return ended is None

    async def ready(self) -> None:
        """Wait until it has said that it is ready. Raises WorkshopError with its last words."""
        if self._ready:
            return
        try:
            await self._answer(START_SECONDS)
        except Died as death:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._listener), CLOSE_SECONDS)
            words = text.one_line(self._complaint.decode(errors="replace").strip().rpartition("\n")[2], 300)
            raise WorkshopError(f"A child process does not start ({death.message}): {words}") from None
        self._ready = True

    async def ask(self, job: wire.Job, wall: float) -> wire.Reply:
        """Send a job and wait for its answer. Raises Died."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(wire.frame(job))
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
            raise Died("parse-crash", f"the job cannot be put into words: {error}") from None
        return await self._answer(wall)

    async def _answer(self, wall: float) -> wire.Reply:
        try:
            async with asyncio.timeout(wall):
                return await self._read()
        except TimeoutError:
            raise Died("timeout", f"no answer within {wall:g} seconds") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Died(*await self._cause()) from None
        except msgspec.MsgspecError as error:
            raise Died("parse-crash", f"the child's answer is not of the agreed kind: {error}") from None

    async def _read(self) -> wire.Reply:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        await self.process.stdin.drain()
        (length,) = wire.LENGTH.unpack(await self.process.stdout.readexactly(wire.LENGTH.size))
        if length > wire.RESULT_LIMIT:
            raise Died("limit:result", f"the child's answer has {length} bytes, {wire.RESULT_LIMIT} may travel")
        reply: wire.Reply = wire.reply_decoder.decode(await self.process.stdout.readexactly(length))
        return reply

    async def _cause(self) -> tuple[str, str]:
        """Why the pipe closed, from how the process ended."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                code = await self.process.wait()
        except TimeoutError:
            return "parse-crash", "the child closed its output"
        if code >= 0:
            return "parse-crash", f"the child ended with code {code}"
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return REASONS.get(-code, "parse-crash"), f"reading it ended the child process with signal {name}"

    async def _listen(self) -> None:
        """Keep the last words on standard error; a pipe that nobody reads would stop the child."""
        assert self.process.stderr is not None
        while part := await self.process.stderr.read(4096):
            self._complaint = (self._complaint + part)[-2000:]

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def close(self) -> None:
        """Close the input, which ends an idle child; a busy one is killed."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.kill()
            await self.process.wait()
        finally:
            # A pipe that still holds an unread answer would stay open: asyncio closes it by this alone.
            self.process._transport.close()  # type: ignore[attr-defined]
