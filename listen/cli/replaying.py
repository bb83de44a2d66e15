"""`alerts test`: when a rule would have fired; `retry`: what could not be delivered; `report`: what has happened."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from listen.cli.common import (
    FOUND,
    NOTHING,
    USAGE,
    Fault,
    Session,
    common,
    earliest,
    print_json,
    print_table,
    say,
)
from listen.clock import from_environment
from listen.files import whole_file
from listen.text import one_line

if TYPE_CHECKING:
    from listen.alerts.lived import Firing
    from listen.alerts.replay import Replayed
    from listen.alerts.rules import Rule
    from listen.store.alerts import Alert
    from listen.store.outbox import Letter

_DOING = {"reading": "reading what was said", "replaying": "replaying the rule"}

SHOWN = 40
"""Firings in the table, the last ones."""


@click.command()
@click.argument("rule")
@click.argument("words", nargs=-1, metavar="[KEY=VALUE...]")
@click.option("--since", default="90d", metavar="TIME", help="Over the time since then: 30d, 12w, 2026-01-31.")
@common
def test(session: Session, rule: str, words: Sequence[str], since: str) -> int:
    """Replay a rule over what is stored: when it would have fired, for how long, and with other thresholds.

    With KEY=VALUE as it were then, which changes nothing: `listen alerts test bad-buzz sensitivity=strict`.
    """
    from listen.alerts.replay import NoReplay, replay
    from listen.alerts.told import replay_record
    from listen.cli.bar import Bar
    from listen.query import QueryError

    now = from_environment().now()
    chosen = _drafted(session, rule, words) if words else _rule(session, rule)
    start = earliest(since, now)
    bar = Bar()
    try:
        with session.reader() as reader:
            found = replay(reader, chosen, start, now, told=lambda doing, share: bar.show(share, _DOING[doing]))
    except (NoReplay, QueryError) as error:
        raise Fault(f"{rule}: {error}", USAGE) from None
    finally:
        bar.clear()
    if session.as_json:
        print_json(replay_record(found))
    else:
        _print(found, now)
    return FOUND if found.firings else NOTHING


def _drafted(session: Session, name: str, words: Sequence[str]) -> Rule:
    from listen.cli.definitions import refusing
    from listen.cli.ruling import entry_of
    from listen.collect import ruling

    config = session.config()
    with refusing():
        return ruling.draft(config, name, entry_of(config, name, words))


def _rule(session: Session, name: str) -> Rule:
    """As the configuration has it, also when it is not enabled or nobody collects; else as the collector runs it."""
    from listen.alerts.rules import configured, read
    from listen.config import closest
    from listen.config.desks import local_zone

    tables = {one: {**keys, "enabled": True} for one, keys in session.config().tables.get("alerts", {}).items()}
    found = {one.name: one for one in configured(tables, local_zone())}
    if name not in found:
        with session.reader() as reader:
            found = {one.name: one for one in read(reader.state("rules") or "[]")} | found
    if name not in found:
        hint = closest(name, list(found)) or (f"the rules are {', '.join(found)}" if found else "there are none")
        raise Fault(f'there is no rule "{one_line(name, 40)}"; {one_line(hint, 200)}', USAGE)
    return found[name]


def _print(found: Replayed, now: float) -> None:
    from listen.cli.records import local_time
    from listen.told import sparkline

    times = len(found.firings)
    print(f"{one_line(found.rule)} would have fired {times:,} time{'s' * (times != 1)} since {local_time(found.since)}")
    print(f"{sparkline(found.bars)}  {found.mentions:,} mentions")
    if found.firings:
        print()
        print_table(("fired", "for", "what", "peak", "why"), [_row(one, now) for one in found.firings[-SHOWN:]])
        if times > SHOWN:
            say(f"{times - SHOWN:,} earlier ones are not shown; --json has all")
    print()
    cells = [(f"x{factor:g}", f"{n:,}") for factor, n in found.factors.items()]
    print_table(("threshold", "firings"), cells)
    if found.back_to > found.since:
        say(f"only what is newer than {local_time(found.back_to)} was read: there is more than a replay reads")
    if found.deaf_before is not None:
        say(f"before {local_time(found.deaf_before)} nobody kept what was heard; all of it is taken for heard")


def _row(one: Firing, now: float) -> tuple[str, ...]:
    from listen.cli.records import local_time

    minutes = int((one.resolved_at or now) - one.fired_at) // 60
    lasted = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    still = "" if one.resolved_at is not None else ", still"
    instance, why = one_line(one.instance, 30), one_line(one.text, 100)
    return local_time(one.fired_at), f"{lasted}{still}", instance, f"{one.peak:g}", why


@click.command()
@click.argument("ids", nargs=-1, type=click.IntRange(1), metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="All that could not be delivered.")
@common
def retry(session: Session, ids: Sequence[int], every: bool) -> int:
    """Send notices again that could not be delivered or were held back; without an id, list them."""
    from listen.store import outbox
    from listen.store.outbox import AGAIN

    if ids or every:
        from listen.store.triage import Triage

        session.must_write()
        with Triage(session.store(), session.who(), from_environment()) as people:
            n = people.send_again(None if every else list(ids))
        say(f"{n:,} will be sent again" if n else "there is nothing of that to send")
        return FOUND if n else NOTHING
    with session.reader() as reader, reader.snapshot() as connection:
        found = outbox.letters(connection, (*AGAIN, outbox.WAITING))
    for one in found if session.as_json else ():
        print_json(_letter(one))
    if found and not session.as_json:
        print_table(("id", "state", "to", "rule", "tries", "why"), [_letter_row(one) for one in found])
    elif not found:
        say("everything was delivered")
    return FOUND if found else NOTHING


@click.command()
@click.argument("ids", nargs=-1, type=click.IntRange(1), metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="All that could not be delivered, or was held back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def drop(session: Session, ids: Sequence[int], every: bool, yes: bool) -> int:
    """Never send notices that could not be delivered or were held back; `listen alerts retry` lists them."""
    from listen.cli.forgetting import ask
    from listen.store import outbox
    from listen.store.triage import Triage

    session.must_write()
    if bool(ids) == every:
        raise Fault("say which, with the ids that `listen alerts retry` lists, or --all", USAGE)
    with session.reader() as reader, reader.snapshot() as connection:
        found = [one.id for one in outbox.letters(connection, outbox.AGAIN, -1) if every or one.id in ids]
    if not found:
        say("there is nothing of that to drop")
        return NOTHING
    if not yes:
        ask(f"Never send {len(found):,} notice{'s' * (len(found) != 1)}? This cannot be undone.")
    with Triage(session.store(), session.who(), from_environment()) as people:
        n = people.drop_letters(found)
    say(f"{n:,} dropped: nothing sends {'them' if n != 1 else 'it'} any more")
    return FOUND if n else NOTHING


def _letter(one: Letter) -> dict[str, object]:
    from listen.told import timestamp

    return {
        "id": one.id, "state": one.state, "target": one.target, "rule": one.rule, "kind": one.kind, "key": one.key,
        "made_at": timestamp(one.made_at), "due_at": timestamp(one.due_at), "tries": one.tries, "error": one.error,
    }  # fmt: skip


def _letter_row(one: Letter) -> tuple[str, ...]:
    target, rule, why = one_line(one.target, 20), one_line(one.rule, 24), one_line(one.error or "", 80)
    return str(one.id), one.state, target, rule, str(one.tries), why


@click.command()
@click.argument("number", metavar="ID", type=click.IntRange(1))
@click.option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
@click.option("--timeline", type=click.Choice(["csv", "json"]), help="All of it in order of time, for afterwards.")
@common
def report(session: Session, number: int, file: Path | None, timeline: str | None) -> int:
    """Tell the situation as Markdown: how it began, how it went round, who speaks, what was done."""
    from listen.report import situation as making

    now = from_environment().now()
    with session.reader() as reader:
        found = reader.alert(number)
        known = making.situation(reader, number, _query(session, found[0]), now) if found is not None else None
    if known is None:
        raise Fault(f"there is no alert {number}; `listen alerts --since 30d` lists them", USAGE)
    if timeline is None:
        text = making.markdown(known)
    else:
        text = _csv(making.timeline(known)) if timeline == "csv" else _lines_of_json(making.timeline(known))
    if file is None:
        print(text, end="")
    else:
        with whole_file(file) as out:
            out.write(text)
        say(f"{file}: {len(known.mentions):,} mentions")
    return FOUND


def _query(session: Session, alert: Alert) -> str:
    """What an alert is about: its rule's query, and what tells it from the rule's others."""
    from listen.query.named import behind

    return behind(_rule(session, alert.rule).query, alert.labels)


def _csv(records: Sequence[dict[str, Any]]) -> str:
    """Cells that a spreadsheet would take for a formula are text."""
    from listen.cli.tables import write_csv

    kept = io.StringIO()
    write_csv(kept, ["at", "what", "who", "where", "text", "url"], (list(one.values()) for one in records))
    return kept.getvalue()


def _lines_of_json(records: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(one, ensure_ascii=True) + "\n" for one in records)
