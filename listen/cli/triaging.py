"""`triage`, `undo` and `log`: what the keys of the console do, for scripts; all of it in the one journal."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from listen.cli.common import (
    FAILED,
    FOUND,
    NOTHING,
    QUERY_SETTINGS,
    USAGE,
    Fault,
    Session,
    common,
    print_json,
    print_table,
    say,
    writing,
)
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.query.tree import Node
    from listen.store.read import Reader
    from listen.store.triage import Done, Triage

PAGE = 5_000
ID_DIGITS = 9
"""Digits from which on a number is a mention's id and no word."""

Verb = Callable[["Triage", Sequence[int], str], "Done"]

_PLAIN: dict[str, Verb] = {
    "done": lambda triage, ids, _: triage.set_status(ids, "done"),
    "answered": lambda triage, ids, _: triage.set_status(ids, "answered"),
    "dismiss": lambda triage, ids, _: triage.set_status(ids, "dismissed"),
    "new": lambda triage, ids, _: triage.set_status(ids, "new"),
    "star": lambda triage, ids, _: triage.star(ids),
    "unstar": lambda triage, ids, _: triage.star(ids, False),
    "noise": lambda triage, ids, _: triage.call_noise(ids, True),
    "no-noise": lambda triage, ids, _: triage.call_noise(ids, False),
}
_TONES = {
    "positive": "pos", "pos": "pos", "+": "pos", "neutral": "neu", "neu": "neu", "0": "neu", "negative": "neg",
    "neg": "neg", "-": "neg", "computed": None,
}  # fmt: skip


def _correct(triage: Triage, ids: Sequence[int], value: str) -> Done:
    if value.lower() not in _TONES:
        raise ValueError(f"there is no sentiment {value}; write positive, neutral, negative or computed")
    return triage.correct(ids, _TONES[value.lower()])


_TAKING: dict[str, Verb] = {
    "tag": lambda triage, ids, value: triage.tag(ids, value),
    "note": lambda triage, ids, value: triage.edit(ids, note=value),
    "assign": lambda triage, ids, value: triage.assign(ids, None if value.lower() == "nobody" else value),
    "correct": _correct,
}
"""Verbs that take a word of their own before the query."""


@click.command(context_settings=QUERY_SETTINGS)
@click.argument("verb")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[VALUE] QUERY|ID...")
@click.option("--all", "everything", is_flag=True, help="Do it to all that is stored when there is no query.")
@writing
def triage(session: Session, verb: str, words: Sequence[str], everything: bool) -> int:
    """Do what a key of the console does, to what QUERY finds or to mentions by their ids, in one step for undo.

    VERB is done, answered, dismiss, new, star, unstar, noise, no-noise; or, with a VALUE: tag "vip -old", note TEXT,
    assign NAME (me, nobody), correct positive|neutral|negative|computed.
    """
    from listen.store.sqlite import StoreBusy
    from listen.store.triage import Triage

    act = _PLAIN.get(verb) or _TAKING.get(verb)
    if act is None:
        from listen.config import closest

        names = [*_PLAIN, *_TAKING]
        raise Fault(f"there is no verb {verb}; {closest(verb, names) or 'it is one of ' + ', '.join(names)}", USAGE)
    value = ""
    if verb in _TAKING:
        if not words:
            raise Fault(f"{verb} takes a value, then a query or ids; see `listen triage --help`", USAGE)
        value, words = words[0], words[1:]
    with session.reader() as reader:
        ids = _meant(reader, words, everything)
    try:
        with Triage(session.store(), session.who(), from_environment()) as people:
            done = act(people, ids, value) if ids else None
    except ValueError as error:
        raise Fault(str(error), USAGE) from None
    except StoreBusy as error:
        raise Fault(str(error)) from None
    changed = done.count if done else 0
    if session.as_json:
        print_json({"verb": verb, "found": len(ids), "changed": changed})
    else:
        print(changed)
    if done is None:
        say("nothing found")
        return NOTHING
    same = f"; {len(ids) - changed:,} were so already" if changed < len(ids) else ""
    say(f"{done.text}{same}" + ("; `listen undo` takes it back" if changed else ""))
    return FOUND


def _meant(reader: Reader, words: Sequence[str], everything: bool) -> list[int]:
    """The mentions that the words mean. Raises Fault for an unknown id, and for no query without `--all`."""
    from listen.cli.read import meant, parse_words
    from listen.query import folding, tree

    if words and all(word.isascii() and word.isdigit() and len(word) >= ID_DIGITS for word in words):
        ids = list(dict.fromkeys(map(int, words)))
        gone = set(ids) - {one.id for one in reader.mentions(ids)}
        if gone:
            raise Fault(f"there is no mention {min(gone)}; `listen search` prints the ids", USAGE)
        return ids
    node = parse_words(words)
    if isinstance(node, tree.All) and not everything:
        raise Fault("without a query it would be all that is stored; --all says that it shall be", USAGE)
    return _found(reader, folding.folded(meant(reader, node, words)))


def _found(reader: Reader, node: Node) -> list[int]:
    now, ids = from_environment().now(), []
    before: int | None = None
    while True:
        page = reader.page(node, before=before, limit=PAGE, budget=None, now=now)
        ids += page.ids
        if len(page.ids) < PAGE:
            return ids
        before = page.back_to


@click.command()
@click.argument("steps", type=click.IntRange(1), default=1, metavar="[N]")
@click.option("--step", type=click.IntRange(1), help="That very action, by its number in `listen log`.")
@writing
def undo(session: Session, steps: int, step: int | None) -> int:
    """Take back your own last action, or the last N; what others changed since stays as it is."""
    from listen.cli import wishes
    from listen.store.triage import Triage

    session.reader().close()
    code = NOTHING
    with Triage(session.store(), session.who(), from_environment()) as people:
        before = {one.id for one in wishes.open_edits(people.connection)}
        for _ in range(1 if step else steps):
            done = people.undo(step)
            if done is None:
                break
            code = FOUND
            if session.as_json:
                print_json({"undone": done.text.partition(": ")[2], "changed": done.count})
            else:
                print(one_line(done.text))
        asked = [one for one in wishes.open_edits(people.connection) if one.id not in before]
    for why, waits in wishes.carried_out(session, asked) if asked else ():
        say(one_line(why, 300))
        code = code if waits else FAILED
    if code == NOTHING:
        say("there is nothing to undo" if step is None else f"step {step} is not yours, or does not stand any more")
    return code


@click.command()
@click.option("--who", default=None, metavar="NAME", help="Somebody's actions; `me` is you. Default: everybody's.")
@click.option("--since", default="", metavar="TIME", help="From 2h, 7d ago or 2026-01-31 on.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@common
def log(session: Session, who: str | None, since: str, limit: int) -> int:
    """Print what people did, the newest first: when, who, what, to how many, and whether it was taken back.

    Who signs with another name than the login stands there with the login in brackets.
    """
    from listen.cli.records import local_time, timestamp

    with session.reader() as reader:
        by = session.who() if who == "me" else who
        found = reader.steps(by, _since(since), limit)
    if session.as_json:
        for one in found:
            record = {"step": one.step, "at": timestamp(one.at), "by": one.by, "action": one.action}
            record |= {"user": one.user, "count": one.mentions, "undone_at": timestamp(one.undone_at)}
            print_json(record | {"undone_by": one.undone_by, "undone_user": one.undone_user})
    elif found:
        rows = [
            (str(one.step), local_time(one.at), one_line(one.signed), f"{one.mentions:,}", one_line(one.action, 60),
             one_line(one.taken_back))
            for one in found
        ]  # fmt: skip
        print_table(("step", "when", "who", "count", "action", ""), rows)
    else:
        say("nobody has done anything yet" if not (who or since) else "nothing was done")
    return FOUND if found else NOTHING


def _since(written: str) -> float:
    from listen.config import seconds

    if not written:
        return 0.0
    if (ago := seconds(written)) is not None:
        return from_environment().now() - ago
    try:
        return datetime.datetime.fromisoformat(written).timestamp()
    except ValueError:
        raise Fault(f"{one_line(written, 40)} is no time; write 2h, 7d or 2026-01-31", USAGE) from None
