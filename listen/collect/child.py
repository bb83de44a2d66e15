"""The child of the workshop: `python -m listen.collect.child MEMORY`. It alone touches foreign bytes.

It reads jobs from its standard input and answers on its standard output (`listen.collect.wire`), and it ends when its
input closes. A CPU limit re-armed for each job, an alarm clock and a memory limit in bytes bound what a job can cost.
"""

from __future__ import annotations

import contextlib
import gc
import io
import math
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from listen.collect import wire
from sources.base import Account, Adapter, Ending, Page, Post, Reject, SourceError, Streams

if TYPE_CHECKING:
    from listen.collect.prepare import Topics
    from listen.intents.reader import Reader

JOBS = 2_000
"""Jobs after which a child makes room for a fresh one: what libraries leak stays bounded."""

GROWN = 256 << 20
"""Bytes of resident memory from which on a child leaves after its answer."""

MOST_POSTS = 2_000
"""Posts taken from one answer; the rest is counted in one reject."""

LONGEST = 131_072
"""Characters of a raw text that may travel as they are."""

MOST_MARKUP = 1 << 20
"""Characters of HTML that are read for one post: a megabyte that is all tags takes 0.7 s."""

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "pty.", "webbrowser.")


def main() -> None:
    """Serve jobs until the input closes."""
    jobs, replies = _take_streams()
    _set_limits(int(sys.argv[1]))
    worker = Worker()
    _send(replies, wire.Ready())
    while (job := _receive(jobs)) is not None:
        _send(replies, worker.serve(job))
        if worker.last:
            return


class Worker:
    """What a child remembers between jobs: its topics, its adapters, how much it has worked."""

    def __init__(self) -> None:
        self.topics: Topics | None = None
        self.reader: Reader | None = None
        self._own: dict[str, dict[str, Any]] = {}
        self.adapters: dict[str, Adapter] = {}
        self.jobs = 0
        self.last = False

    def serve(self, job: wire.Job) -> wire.Reply:
        """The answer to a job, whatever the job raises."""
        self.jobs += not isinstance(job, wire.Topics)
        try:
            with _bounded(job):
                reply = self._serve(job)
        except SourceError as error:
            reply = wire.Failed(error.reason, wire.readable(error.message), wire.readable(error.remedy))
        except MemoryError:
            # The heap is in pieces and the error may have struck anywhere: a fresh child goes on.
            self.last = True
            reply = wire.Failed("limit:memory", "reading it needs more memory than one answer may cost")
        except BaseException as error:
            reply = wire.Failed("parse-crash", _crash(error))
        self.last = self.last or self.jobs >= JOBS or _resident() > GROWN
        return reply if isinstance(reply, wire.Ready) else msgspec.structs.replace(reply, last=self.last)

    def _serve(self, job: wire.Job) -> wire.Reply:
        if isinstance(job, wire.Topics):
            self._learn(job)
            return wire.Ready()
        if isinstance(job, wire.Parse):
            return self._parse(job)
        if isinstance(job, wire.Read):
            return self._read(job)
        if isinstance(job, wire.Rescore):
            return self._rescore(job)
        return self._prepare(job)

    def _learn(self, job: wire.Topics) -> None:
        from listen import intents
        from listen.collect.prepare import Topics
        from listen.intents.reader import Reader

        if self.reader is None or job.intents != self._own:
            self.reader, self._own = Reader(intents.intents(job.intents)), job.intents
        self.topics = Topics(job.tracked, self.reader)
        # Modules and topics stay for good: the garbage collector need not look at them again and again.
        gc.collect()
        gc.freeze()

    def _adapter(self, name: str) -> Adapter:
        if name not in self.adapters:
            import sources

            self.adapters[name] = sources.get(name)
        return self.adapters[name]

    def _parse(self, job: wire.Parse) -> wire.Parsed:
        page = self._adapter(job.adapter).parse(job.channel, job.cursor, job.answer, job.now)
        return wire.Parsed(bounded_page(page))

    def _read(self, job: wire.Read) -> wire.Parsed:
        adapter = self._adapter(job.adapter)
        if not isinstance(adapter, Streams):
            raise SourceError("adapter", f"the adapter {job.adapter!r} reads no frames")
        return wire.Parsed(bounded_page(adapter.read(job.channel, job.cursor, job.frames, job.now)))

    def _prepare(self, job: wire.Prepare) -> wire.Done:
        if self.topics is None:
            self._learn(wire.Topics({}))
        return wire.Done([self._item(post, job) for post in job.posts])

    def _rescore(self, job: wire.Rescore) -> wire.Rescored:
        from listen.sentiment.stored import scored_again

        if self.topics is None:
            self._learn(wire.Topics({}))
        assert self.topics is not None
        assert self.reader is not None
        tones = []
        for one in job.mentions:
            told, tagged = scored_again(one.title, one.text, one.lang, one.tagged, one.was, self._blanked(one))
            shown = self.reader.names_of(one.title, one.text, one.lang, told.score)
            tones.append(wire.Tone(told.score, told.hits, told.unscored, tagged, " ".join(shown) or None))
        return wire.Rescored(tones)

    def _blanked(self, one: wire.Said) -> Callable[[str], str]:
        """What takes the names of the topics that a text matches out of it; topics that ask for a place match none."""
        assert self.topics is not None
        if not self.topics.namesakes.version:
            return str
        from listen.intents.reader import subject_of

        matched = self.topics.index.match(subject_of(one.title, one.text, one.lang, one.was))
        return partial(self.topics.namesakes.blanked, matched=matched)

    def _item(self, post: Post, job: wire.Prepare) -> wire.Item:
        from listen.collect.prepare import Refused, prepare

        assert self.topics is not None
        try:
            return wire.Item(prepare(post, self.topics, job.place, job.now), None)
        except Refused as refusal:
            return wire.Item(None, Reject(str(refusal), wire.sample_of(post)))
        except MemoryError:
            raise
        except Exception as error:
            return wire.Item(None, Reject(f"{wire.OUR_FAULT}: {_crash(error)}", wire.sample_of(post)))


def bounded_page(page: Page) -> Page:
    """The page as it may travel: no more posts and no longer texts than are stored, every value of its declared type.

    A post that cannot be said in the declared types becomes a reject and spares its neighbours.
    """
    posts: list[Post] = []
    rejects = [
        Reject(wire.readable(reject.reason), wire.readable(reject.sample)) for reject in page.rejects[:MOST_POSTS]
    ]
    for post in page.posts[:MOST_POSTS]:
        try:
            posts.append(_typed(_shortened(post)))
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
            rejects.append(Reject(f"bad-value: {_crash(error)}", wire.sample_of(post)))
    if (left := len(page.posts) - MOST_POSTS) > 0:
        rejects.append(Reject(f"limit:entries: {left} more than the {MOST_POSTS} that are taken from one answer"))
    title = wire.readable(page.title) if page.title else None
    ending = msgspec.convert(_scrubbed(msgspec.to_builtins(page.ending)), Ending) if page.ending else None
    cursor = _scrubbed(page.cursor)
    accounts = [msgspec.convert(_scrubbed(msgspec.to_builtins(one)), Account) for one in page.accounts[:MOST_POSTS]]
    return msgspec.structs.replace(
        page, posts=posts, cursor=cursor, more=bool(page.more), rejects=rejects, title=title, ending=ending,
        accounts=accounts,
    )  # fmt: skip


def _shortened(post: Post) -> Post:
    """An over-long text loses its markup here, so that what is cut off is text. The rest of it never travels."""
    title = post.title or ""
    if len(post.text) <= LONGEST and len(title) <= LONGEST:
        return post
    from listen import text

    def plain(raw: str) -> str:
        return text.from_html(raw[:MOST_MARKUP]) if post.markup == "html" else raw

    body = plain(post.text)
    cut = len(body) > text.TEXT_LIMIT or len(post.text) > MOST_MARKUP or len(title) > LONGEST
    title = plain(title)[: text.TEXT_LIMIT]
    return msgspec.structs.replace(post, title=title, text=body[: text.TEXT_LIMIT], markup="plain", truncated=cut)


def _typed(post: Post) -> Post:
    """The post, if its values are of the declared types; half characters in it become U+FFFD."""
    try:
        wire.post_decoder.decode(wire.encoder.encode(post))
        return post
    except UnicodeEncodeError:
        return msgspec.convert(_scrubbed(msgspec.to_builtins(post)), Post)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return wire.SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(content) for content in value]
    return value


def _crash(error: BaseException) -> str:
    """What a library raised, for the list of rejects: the kind and the first words."""
    return wire.readable(f"{type(error).__name__}: {error}", 200)


# --- the process -----------------------------------------------------------------------------------------------------


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Our two pipes under private numbers; what a library prints goes nowhere, and what it reads is empty."""
    jobs, replies = os.fdopen(os.dup(0), "rb", buffering=1 << 16), os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    sys.stdin, sys.stdout = io.TextIOWrapper(io.BytesIO()), open(os.devnull, "w")  # noqa: SIM115
    return jobs, replies


def _set_limits(memory: int) -> None:
    """Memory, no core files, no network, no programs; signals meant for the collector do not reach into a job."""
    with contextlib.suppress(ValueError, OSError):  # macOS knows RLIMIT_AS and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(5)  # people at the console come first
    sys.addaudithook(_forbid)


def _forbid(event: str, _arguments: object) -> None:
    """Adapters do no I/O; this catches the one that tries, and libraries that fetch what a document names."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"the workshop neither connects nor starts programs: {event}")


@contextlib.contextmanager
def _bounded(job: wire.Job) -> Iterator[None]:
    """Kills this process when the job costs more CPU than it may, or (if the collector is gone) too much time."""
    seconds = 30 if isinstance(job, wire.Topics) else job.seconds
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + seconds, hard))
    signal.alarm(3 * seconds + 30)
    try:
        yield
    finally:
        signal.alarm(0)


def _resident() -> int:
    """Bytes of memory in use now, where the system tells; the most ever used elsewhere."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _receive(jobs: BinaryIO) -> wire.Job | None:
    head = jobs.read(wire.LENGTH.size)
    if len(head) < wire.LENGTH.size:
        return None
    (length,) = wire.LENGTH.unpack(head)
    body = jobs.read(length)
    return wire.job_decoder.decode(body) if len(body) == length else None


def _send(replies: BinaryIO, reply: wire.Reply) -> None:
    try:
        message = wire.frame(reply)
    except MemoryError:
        message = wire.frame(wire.Failed("limit:memory", "its posts need more memory than one answer may cost"))
    except Exception as error:
        message = wire.frame(wire.Failed("parse-crash", _crash(error)))
    if len(message) > wire.RESULT_LIMIT:
        words = f"its posts take {len(message) >> 20} MB, {wire.RESULT_LIMIT >> 20} may travel"
        message = wire.frame(wire.Failed("limit:result", words))
    view = memoryview(message)
    while view:
        view = view[replies.write(view) :]


if __name__ == "__main__":
    main()
