"""`prune` and `pseudonymise`: what is kept for some time only, and authors who become nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, USAGE, Fault, Session, common, print_json, say, writing
from listen.cli.forgetting import ask, reading
from listen.clock import from_environment
from listen.text import one_line

WORDS = {"delete": "erased", "pseudonymise": "pseudonymised"}


@click.command()
@click.option("--dry-run", is_flag=True, help="Count, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def prune(session: Session, dry_run: bool, yes: bool) -> int:
    """Carry out the rules of [retention.NAME] now. The collector does so by itself, four times a day."""
    from listen.cli.erasing import erased
    from listen.collect.channels import retention_of
    from listen.store import retention

    if not dry_run:
        session.must_write()
    rules = retention_of(session.config(adapters=True))
    if not rules:
        raise Fault("no [retention.NAME] in the configuration says what is kept for some time only", USAGE)
    with reading(session) as connection:
        counts = retention.counted(str(session.store()), connection, rules, from_environment().now())
    for rule in rules:
        told = {"rule": rule.name, "mentions": counts[rule.name], "then": rule.then, "keep_days": rule.keep / 86_400}
        if session.as_json and dry_run:
            print_json(told)
        else:
            say(f"{one_line(rule.name)}: {counts[rule.name]:,} mentions to be {WORDS[rule.then]}, {_about(rule)}")
    if dry_run or not any(counts.values()):
        return FOUND if any(counts.values()) else NOTHING
    if not yes:
        ask(f"Erase or pseudonymise {sum(counts.values()):,} mentions? This cannot be undone.")
    return _tell(session, erased(session, "prune", {}), "pruned")


@click.command(context_settings=QUERY_SETTINGS)
@click.argument("words", nargs=-1, metavar="[QUERY]")
@click.option("--older-than", default="0s", metavar="SPAN", help="Only what is older: 90d, 12h.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writing
def pseudonymise(session: Session, words: Sequence[str], older_than: str, yes: bool) -> int:
    """Put a stable pseudonym in the place of the authors of all mentions of QUERY; without one, of all that are stored.

    Names, handles and addresses go, texts stay with their handles masked; numbers and our own accounts stay the same.
    """
    from listen.cli.erasing import erased
    from listen.config import seconds
    from listen.query import parse
    from listen.store import retention

    query, keep = " ".join(words), seconds(older_than)
    if keep is None:
        raise Fault(f'--older-than: "{older_than}" is no span of time; write 90d, 12h or 4w', USAGE)
    parse(query)
    with reading(session) as connection:
        rule = retention.Rule("all", query, keep, retention.PSEUDONYMISE)
        found = sum(
            map(len, retention.old(str(session.store()), connection, rule, from_environment().now(), marked=True))
        )
    if not found:
        say("no such mention")
        return NOTHING
    if not yes:
        ask(f"Take the authors' names from up to {found:,} mentions? This cannot be undone.")
    return _tell(session, erased(session, "pseudonymise", {"query": query, "keep": keep}), "pseudonymised")


def _about(rule: Any) -> str:
    query = f" of {one_line(rule.query, 60)}" if rule.query else ""
    return f"older than {rule.keep / 86_400:g} days{query}"


def _tell(session: Session, answer: dict[str, Any], verb: str) -> int:
    from listen.store import sqlite

    if answer["receipt"] is None:
        say("nothing was left to do")
        return NOTHING
    with reading(session) as connection:
        free = sqlite.free_bytes(connection)
    if session.as_json:
        print_json({**answer, "free_bytes": free})
    else:
        done = f"{answer['mentions']:,} mentions {verb}, names erased: {answer['names']:,}"
        print(f"{answer['receipt']}: {done}; {free / 1e6:,.1f} MB of the file are free for what comes in")
    return FOUND
