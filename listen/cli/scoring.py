"""`listen sentiment`: scoring lines of text, and comparing scores with labels."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, BinaryIO, TextIO

import click

from listen import text as texts
from listen.cli import measuring, teaching
from listen.cli.common import FOUND, NOTHING, USAGE, Fault, Group, Session, common, print_json

if TYPE_CHECKING:
    from listen.sentiment.evaluation import Agreement, Labelled


@click.group(cls=Group)
def sentiment() -> None:
    """Score texts as mentions are scored, and measure how well it goes."""


sentiment.add_command(measuring.check)
for command in (teaching.suggest, teaching.override, teaching.thresholds, teaching.model):
    sentiment.add_command(command)


@sentiment.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--engine", type=click.Choice(["vader"]), default=None, help="vaderSentiment itself, on every text.")
@click.option("--lang", metavar="CODE", default=None, help="The language of all lines; without, each is detected.")
@click.option("--toward", metavar="NAME", help="Also the sentiment toward NAME; null where nothing is said of it.")
@click.option("--beside", multiple=True, metavar="NAME", help="A rival of that name, who may be spoken of in between.")
@common
def score(
    session: Session, file: BinaryIO, engine: str | None, lang: str | None, toward: str | None, beside: Sequence[str]
) -> int:
    """Score each line of FILE (- or nothing: standard input), blank ones included, and tell it at once.

    A line ends with a line feed; what is not UTF-8 in it is read as U+FFFD.
    """
    from listen.sentiment.figures import figures

    any_line = False
    for line in file:
        said = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8" if any_line else "utf-8-sig", "replace")
        any_line = True
        found = figures(said, lang, engine or "")
        told = {} if toward is None else {"toward": _toward(said, found.lang, toward, beside)}
        if session.as_json:
            print_json(asdict(found) | told)
        elif told:
            print(f"{_signed(found.compound)}  {_signed(told['toward'])}  {texts.one_line(said)}")
        elif found.compound is None:
            print(f"     ?  {found.unscored}: {texts.one_line(said)}")
        else:
            print(f"{found.compound:+.4f}  {texts.one_line(said)}")
        sys.stdout.flush()
    return FOUND if any_line else NOTHING


def _toward(said: str, lang: str | None, name: str, beside: Sequence[str]) -> float | None:
    """As toward topics of these names."""
    from listen import aims
    from listen.sentiment import weighed

    names = {"": name, **{rival: rival for rival in beside}}
    asked = {key: aims.aim(key, '"' + one.replace('"', " ") + '"', "brand") for key, one in names.items()}
    found = aims.explained(said, weighed(said, lang), lang, asked)[""]
    return None if found is None or not found.hits else found.score / 1_000


def _signed(value: float | None) -> str:
    return f"{'?':>7}" if value is None else f"{value:+.4f}"


@sentiment.command("eval")
@click.argument("file", type=click.File("r", encoding="utf-8-sig", errors="replace"))
@click.option("--lang", metavar="CODE", default=None, help="The language of texts without one; without, detected.")
@common
def evaluate(session: Session, file: TextIO, lang: str | None) -> int:
    """Compare with the labels of FILE, a CSV with the columns text and label, maybe lang; beside vaderSentiment.

    A label is neg, neu or pos, or a number whose sign counts; where all are 0, 1, 2 (or 0, 2, 4) they are neg, neu,
    pos, where all are 1 to 5 they are stars. Texts that are not scored count as neutral.
    """
    from listen.sentiment.evaluation import LabelError, read

    try:
        labelled = read(file)
    except LabelError as error:
        raise Fault(f"{file.name}: {error}", USAGE) from None
    for name, some in _by_language(labelled, lang).items():
        _tell(session, name, _compared(some))
    return FOUND


Compared = dict[str, "Agreement"]


def _by_language(labelled: Sequence[Labelled], lang: str | None) -> dict[str, list[tuple[Labelled, str | None]]]:
    """Each language's texts, and all of them when there are several."""
    from listen import language

    found: dict[str, list[tuple[Labelled, str | None]]] = {}
    for one in labelled:
        spoken = one.lang or lang or language.detect(one.text, None)[0]
        found.setdefault(spoken or "unknown", []).append((one, spoken))
    found = dict(sorted(found.items(), key=lambda item: -len(item[1])))
    return {"all": [one for some in found.values() for one in some]} | found if len(found) > 1 else found


def _compared(some: Sequence[tuple[Labelled, str | None]]) -> Compared:
    from listen.sentiment.evaluation import agreement
    from listen.sentiment.figures import STOCK, figures

    truths = [one for one, _ in some]
    ours = [figures(one.text, spoken or "und") for one, spoken in some]
    stock = [figures(one.text, spoken, STOCK) for one, spoken in some]
    return {
        name: agreement(truths, [one.compound for one in found], [one.hits for one in found])
        for name, found in (("listen", ours), ("vaderSentiment", stock))
    }


def _tell(session: Session, lang: str, compared: Compared) -> None:
    from listen.sentiment.evaluation import CLASSES

    if session.as_json:
        for engine, found in compared.items():
            print_json({"lang": lang, "engine": engine, **asdict(found)})
        return
    print(f"{lang}, {compared['listen'].n} texts")
    print(
        f"{'':16}{'accuracy':>9}{'macro-F1':>9}{'recall':>8}{'wrong sign':>12}{'r':>8}{'not scored':>12}{'no word':>9}"
    )
    for engine, found in compared.items():
        wrong = "-" if found.wrong_sign is None else f"{found.wrong_sign:.1%}"
        linear = "-" if found.correlation is None else f"{found.correlation:.3f}"
        print(
            f"  {engine:14}{found.accuracy:9.3f}{found.macro_f1:9.3f}{found.macro_recall:8.3f}{wrong:>12}{linear:>8}"
            f"{found.unscored / found.n:12.1%}{found.without_hit / found.n:9.1%}"
        )
    print(f"  said, then scored {'  '.join(f'{name:>6}' for name in CLASSES)}")
    for name, row in zip(CLASSES, compared["listen"].confusion, strict=True):
        print(f"  {name:>17} {'  '.join(f'{n:6}' for n in row)}")
    print()
