"""`alerts`: what fires and why; taking note of it, silencing it, and how often each rule was worth it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from listen.cli import replaying, ruling
from listen.cli.common import (
    FOUND,
    NOTHING,
    USAGE,
    Fault,
    Group,
    Session,
    common,
    earliest,
    print_json,
    print_table,
    say,
    writing,
)
from listen.clock import from_environment
from listen.text import one_line

if TYPE_CHECKING:
    from listen.alerts.rules import Rule
    from listen.store.alerts import Alert, Silence
    from listen.store.read import Reader


@click.group(cls=Group, invoke_without_command=True)
@click.option("--firing", is_flag=True, help="Only what fires: exit 0 when something does, 1 when nothing does.")
@click.option("--since", default="24h", metavar="TIME", help="What was over since then, too: 24h, 7d, 2026-01-31.")
@common
def alerts(session: Session, firing: bool, since: str) -> int:
    """List what fires, what may, and what was over in the last 24 hours, each with its arithmetic."""
    if click.get_current_context().invoked_subcommand is not None:
        return FOUND
    from listen.alerts.rules import CROWDED
    from listen.alerts.told import crowded, record

    now = from_environment().now()
    with session.reader() as reader:
        found = reader.alerts(since=earliest(since, now), open_only=firing)
        silences, crowds = reader.silences(now), crowded(reader)
    if firing:
        found = [one for one in found if one.state == "firing"]
    if session.as_json:
        for one in found:
            print_json(record(one))
    elif found:
        print_table(("id", "state", "how loud", "rule", "since", "why"), [_row(one, now) for one in found])
    else:
        say("nothing fires" if firing else "nothing fires, and nothing has; `listen alerts rules` lists the rules")
    for silence in () if session.as_json else silences:
        say(_told(silence, now))
    for name in () if session.as_json else crowds:
        say(f"{one_line(name, 40)}: {CROWDED}")
    return FOUND if found else NOTHING


def _row(one: Alert, now: float) -> tuple[str, ...]:
    from listen.alerts.told import GLYPHS, since, text
    from listen.store.condition import ago

    name = f"{one.rule} {one.instance}".rstrip()
    muted = f" ({one.muted})" if one.muted and one.open else ""
    state = f"{GLYPHS[one.standing]} {one.standing}"
    if one.standing == "acknowledged":
        state += f" by {one_line(one.acked_by or '', 20)}"
    return (
        str(one.id), state, one.severity, one_line(name, 40), ago(since(one), now), one_line(text(one) + muted, 160),
    )  # fmt: skip


def _told(one: Silence, now: float) -> str:
    from listen.alerts.told import of_what
    from listen.cli.records import local_time

    why = f": {one_line(one.comment, 80)}" if one.comment else ""
    over = "" if one.stands(now) else ", over"
    head = f"silence {one.id} of {one_line(of_what(one), 80)} by {one_line(one.by)}"
    return f"{head} until {local_time(one.until)}{over}{why}"


@alerts.command()
@click.argument("number", metavar="ID", type=click.IntRange(1))
@common
def show(session: Session, number: int) -> int:
    """Tell all of one alert: its arithmetic, the mentions and words that explain it, and what was done."""
    from listen.alerts.told import record, text
    from listen.cli.records import local_time, one_row
    from listen.told import as_json, timestamp

    with session.reader() as reader:
        found = reader.alert(number)
        if found is None:
            raise Fault(f"there is no alert {number}; `listen alerts --since 30d` lists them", USAGE)
        one, events = found
        mentions = reader.mentions(list(one.evidence.get("mentions", ())))
    if session.as_json:
        told = [{"at": timestamp(each.at), "what": each.what, "by": each.by, "detail": each.detail} for each in events]
        print_json(record(one) | {"events": told, "mentions": [as_json(each) for each in mentions]})
        return FOUND
    print(one_line(f"{one.rule} {one.instance}".rstrip()))
    print(f"{one.standing}, {one.severity}{f', {one.muted}' if one.muted else ''}")
    print(one_line(text(one)))
    if one.evidence.get("words"):
        print(f"new words  {one_line(', '.join(one.evidence['words']), 120)}")
    for mention in mentions:
        print(f"  {one_row(mention, None)[:200]}")
    print()
    for each in events:
        by = f" by {one_line(each.by)}" if each.by else ""
        print(f"{local_time(each.at)}  {each.what}{by}  {one_line(each.detail, 120)}".rstrip())
    return FOUND


@alerts.command()
@common
def rules(session: Session) -> int:
    """List the rules that run: what fires, how often they fired in 30 days and how often that was useful."""
    from listen.alerts.told import fared, rule_record, standings

    with session.reader() as reader:
        found = standings(reader, from_environment().now())
    if session.as_json:
        for one in found:
            print_json(rule_record(one))
    elif found:
        rows = [
            (
                one_line(one.rule.name, 40), one.rule.when, one.rule.severity, _state(one.firing, one.pending),
                fared(one.figures), one_line(one.held or one.rule.query, 100),
            )
            for one in found
        ]  # fmt: skip
        print_table(("rule", "when", "how loud", "now", "in 30 days", ""), rows)
    else:
        say("no rule runs; [alerts.NAME] in your configuration makes one, see `alerts` in config.toml")
    return FOUND if found else NOTHING


def _state(firing: int, pending: int) -> str:
    said = [f"{n} {word}" for n, word in ((firing, "firing"), (pending, "pending")) if n]
    return ", ".join(said) or "-"


@alerts.command()
@click.argument("which", nargs=-1, required=True, metavar="ID|RULE...")
@click.option("--note", default="", metavar="TEXT", help="What is to be known of it.")
@click.option("--useful", "verdict", flag_value="useful", help="It was right to tell.")
@click.option("--noise", "verdict", flag_value="noise", help="It was not.")
@writing
def ack(session: Session, which: Sequence[str], note: str, verdict: str | None) -> int:
    """Take note of alerts, by their number or all that fire of a RULE: they are told no more until they are over."""
    from listen.store.triage import Triage

    with session.reader() as reader:
        ids = [number for one in which for number in _meant(reader, one)]
    with Triage(session.store(), session.who(), from_environment()) as people:
        done = people.acknowledge(ids, note, verdict)
    if session.as_json:
        print_json({"acknowledged": done.count})
    else:
        print(done.count)
    say(f"{done.text}; `listen undo` takes it back" if done.count else "nothing of that has fired")
    return FOUND if done.count else NOTHING


def _meant(reader: Reader, written: str) -> list[int]:
    """The numbers of the alerts that a word means."""
    if written.isascii() and written.isdigit():
        if reader.alert(int(written)) is None:
            raise Fault(f"there is no alert {written}; `listen alerts` lists them", USAGE)
        return [int(written)]
    _known(reader, written)
    return [one.id for one in reader.alerts(open_only=True, rule=written) if one.state == "firing"]


def _known(reader: Reader, name: str) -> Rule:
    from listen.alerts.rules import read
    from listen.config import closest

    found = {one.name: one for one in read(reader.state("rules") or "[]")}
    if name not in found:
        hint = closest(name, list(found)) or (f"the rules are {', '.join(found)}" if found else "no rule runs")
        raise Fault(f'there is no rule "{one_line(name, 40)}"; {one_line(hint, 200)}', USAGE)
    return found[name]


@alerts.command()
@click.argument("rule", default="", metavar="[RULE]")
@click.option("--for", "lasting", default="", metavar="DURATION", help="For so long: 2h, 1d.")
@click.option("--until", default="", metavar="TIME", help="Until then instead: 2026-01-31, 2026-01-31T18:00.")
@click.option("--comment", default="", metavar="TEXT", help="Why.")
@click.option("--instance", default="", metavar="TEXT", help="Only this one of the rule's alerts: topic:acme.")
@click.option("--query", default="", metavar="QUERY", help="Only alerts that mentions of this query explain.")
@click.option("--list", "listing", is_flag=True, help="List the silences, those that are over too.")
@click.option("--end", "ending", type=click.IntRange(1), multiple=True, metavar="ID", help="End this silence now.")
@common
def silence(
    session: Session,
    rule: str,
    lasting: str,
    until: str,
    comment: str,
    instance: str,
    query: str,
    listing: bool,
    ending: tuple[int, ...],
) -> int:
    """Have nobody told of a RULE's alerts for a while (of all without one); they fire and resolve as ever."""
    if listing:
        return _list(session)
    session.must_write()
    if ending:
        return _end(session, ending)
    from listen import query as queries
    from listen.store.triage import Triage

    now = from_environment().now()
    end = _until(lasting, until, now)
    if not (rule or instance or query) and not comment:
        raise Fault("this silences every alert: say why, with --comment, or name a rule", USAGE)
    if query:
        queries.parse(query)
    with session.reader() as reader:
        if rule:
            _known(reader, rule)
    with Triage(session.store(), session.who(), from_environment()) as people:
        number, _ = people.silence(end, comment, rule=rule, instance=instance, query=query)
    if session.as_json:
        print_json({"silence": number})
    else:
        print(number)
    from listen.cli.records import local_time

    say(f"silence {number} stands until {local_time(end)}; `listen alerts silence --end {number}` ends it before")
    return FOUND


def _until(lasting: str, until: str, now: float) -> float:
    from listen.config import seconds

    if bool(lasting) == bool(until):
        raise Fault("say for how long, with --for 2h, or --until 2026-01-31T18:00", USAGE)
    if lasting:
        length = seconds(lasting)
        if not length:
            raise Fault('--for takes a duration, such as "2h" or "1d"', USAGE)
        return now + length
    try:
        end = datetime.datetime.fromisoformat(until).timestamp()
    except (ValueError, OverflowError):
        raise Fault(f"{one_line(until, 40)} is no time; write 2026-01-31 or 2026-01-31T18:00", USAGE) from None
    if end <= now:
        raise Fault(f"{one_line(until, 40)} has passed already", USAGE)
    return end


def _list(session: Session) -> int:
    from listen.alerts.told import silence_record

    now = from_environment().now()
    with session.reader() as reader:
        found = reader.silences()
    for one in found:
        if session.as_json:
            print_json(silence_record(one, now))
        else:
            print(_told(one, now))
    if not found:
        say("nothing is silenced, nor ever was")
    return FOUND if found else NOTHING


def _end(session: Session, ids: Sequence[int]) -> int:
    from listen.store.triage import Triage

    with Triage(session.store(), session.who(), from_environment()) as people:
        done = people.end_silence(ids)
    if session.as_json:
        print_json({"ended": done.count})
    else:
        print(done.count)
    say(done.text if done.count else "no silence of that number stands")
    return FOUND if done.count else NOTHING


alerts.add_command(replaying.test)
alerts.add_command(replaying.retry)
alerts.add_command(replaying.drop)
alerts.add_command(replaying.report)
for command in (ruling.add, ruling.edit, ruling.on, ruling.off, ruling.reset, ruling.remove):
    alerts.add_command(command)
