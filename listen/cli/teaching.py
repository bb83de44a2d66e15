"""`sentiment suggest`, `override`, `thresholds`, `model`: what labels suggest, teaching a topic, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from listen.cli.common import FOUND, NOTHING, QUERY_SETTINGS, USAGE, Fault, Session, common, print_json, say, writing
from listen.cli.definitions import change
from listen.clock import from_environment
from listen.text import one_line

topic_argument = click.argument("topic")
remove_option = click.option("--remove", is_flag=True, help="Take it back.")


@click.command()
@topic_argument
@common
def suggest(session: Session, topic: str) -> int:
    """Print what the corrections of TOPIC suggest, with what each would do; nothing is changed."""
    from listen.insight import teaching

    with session.reader() as reader:
        try:
            found = teaching.record(teaching.suggestions(reader, topic, now=from_environment().now()))
        except teaching.NoTopic:
            raise Fault(f"there is no topic {topic}; `listen topics` lists them", USAGE) from None
    if session.as_json:
        print_json(found)
    else:
        _print(found)
    return FOUND if found["offers"] else NOTHING


def _print(found: Mapping[str, Any]) -> None:
    topic = one_line(found["topic"])
    say(f"{topic}: {found['labels']:,} labels, the scores agree with {found['agreed']:,}; {_taught(found['taught'])}")
    for one in found["offers"]:
        print(one_line(one["message"], 300))
        print(f"  listen sentiment {_command(one, found['topic'])}")
    for why in found["refused"]:
        say(one_line(why, 300))
    if not found["offers"] and not found["refused"]:
        say("nothing to suggest: correct some mentions with + - 0")


def _taught(taught: Mapping[str, Any]) -> str:
    told = [f"{one_line(word, 40)} = {value:g}" for word, value in sorted(taught["words"].items())]
    if taught["begins"]:
        told.append("negative up to {:+.2f}, positive from {:+.2f} on".format(*taught["begins"]))
    if taught["model"]:
        told.append(f"the model {one_line(taught['model'], 60)}")
    return f"taught: {', '.join(told)}" if told else "nothing was taught yet"


def _command(one: Mapping[str, Any], topic: str) -> str:
    """What accepts a suggestion."""
    import shlex

    words = ["model", topic]
    if one["kind"] == "word":
        words = ["override", topic, one["word"], f"{one['value']:g}"]
    elif one["kind"] == "begins":
        words = ["thresholds", topic, *(f"{level:g}" for level in one["begins"])]
    return " ".join(shlex.quote(one_line(word)) for word in words)


@click.command(context_settings=QUERY_SETTINGS)
@topic_argument
@click.argument("word")
@click.argument("value", type=click.FloatRange(-4, 4), required=False)
@remove_option
@writing
def override(session: Session, topic: str, word: str, value: float | None, remove: bool) -> int:
    """Have WORD weigh VALUE, -4 to 4, toward TOPIC; 0 for nothing. What is stored is scored anew."""
    if (value is None) != remove:
        raise Fault("give a value from -4 to 4, or --remove", USAGE)
    return change(session, "edit", {"teach": topic, "word": word, "value": value})


@click.command(context_settings=QUERY_SETTINGS)
@topic_argument
@click.argument("negative", type=click.FloatRange(-1, 1), required=False)
@click.argument("positive", type=click.FloatRange(-1, 1), required=False)
@remove_option
@writing
def thresholds(session: Session, topic: str, negative: float | None, positive: float | None, remove: bool) -> int:
    """Have a mention be negative toward TOPIC up to NEGATIVE, and positive from POSITIVE on."""
    if (negative is None or positive is None) != remove:
        raise Fault("give where negative and where positive begin, or --remove", USAGE)
    return change(session, "edit", {"teach": topic, "begins": None if remove else [negative, positive]})


@click.command()
@topic_argument
@click.argument("file", required=False)
@remove_option
@writing
def model(session: Session, topic: str, file: str | None, remove: bool) -> int:
    """Learn a model of the labels of TOPIC and score by it; FILE takes an older one, such as models/acme-1.toml."""
    if file is not None and remove:
        raise Fault("give a file or --remove, not both", USAGE)
    return change(session, "edit", {"teach": topic, "model": None if remove else file or True})
