"""The README tells of every command, option, key and configuration key, and its examples are valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from listen import cli, query
from listen.clock import PlayedClock
from listen.config.keys import PERSONAL, TABLES
from listen.console import keys
from listen.model import Author
from listen.query import match
from listen.service import Desk
from listen.store import customers, schema, sqlite, views
from listen.store.read import Reader
from listen.store.triage import Triage
from listen.store.write import Writer
from tests.store.posts import make_desk, make_post

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text below one heading."""
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_two_commands_stand_first() -> None:
    block = README.partition("```sh\n")[2].partition("```")[0]
    assert block.splitlines()[0].startswith("pip install . && listen")
    assert block.splitlines()[1].startswith("pip install '.[test]' && pytest")


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_and_option_is_told(name: str) -> None:
    commands = section("Commands")
    context = click.Context(cli.listen)
    command = cli.listen.get_command(context, name)
    assert command is not None
    assert f"`listen {name}" in commands
    children = command.commands if isinstance(command, click.Group) else {}
    for child in children:
        assert f"`listen {name} {child}" in commands
    for option in (option for one in (command, *children.values()) for option in one.params):
        if isinstance(option, click.Option) and not option.hidden:
            assert any(spelling in commands for spelling in option.opts), option.opts


def test_every_configuration_key_is_told() -> None:
    configuration = section("Configuration")
    for tables in (TABLES, PERSONAL):
        for name, table in tables.items():
            assert f"[{name}" in configuration, name
            for key in table.keys:
                assert f"`{key}`" in configuration, f"{name}.{key}"


def test_every_key_is_told() -> None:
    assert keys.markdown() in section("Keys")


def test_every_view_and_its_columns_are_told() -> None:
    assert views.markdown() in section("SQL")


def test_every_adapter_and_its_keys_are_told() -> None:
    import sources

    for name in sources.names():
        assert f"`{name}`" in section("Sources")
        for key in sources.get(name).options:
            assert f"`{key}`" in section("Sources"), f"{name}: {key}"


def test_every_metric_of_objectives_is_told() -> None:
    from listen.objectives import METRICS

    for name, metric in METRICS.items():
        assert f"| `{name}` | {metric.means} | {metric.unit} |" in section("Objectives")


FOUNDING = (
    "Facebook", "X (Twitter)", "YouTube", "LinkedIn", "Viadeo", "Flickr", "SlideShare", "Foursquare", "Yelp",
    "TripAdvisor", "Epinions", "Digg", "Delicious", "StumbleUpon", "Orkut", "QQ, QZone", "VKontakte", "Odnoklassniki",
    "Mixi", "Hyves", "MySpace", "Skyrock",
)  # fmt: skip
"""The networks that this kind of program was first asked to hear."""


def networks() -> dict[str, list[str]]:
    """The cells of each line of the table, by the name that stands first."""
    table = section("Networks").partition("### ")[0]
    rows = [[cell.strip() for cell in row.strip("| \n").split(" | ")] for row in table.splitlines() if row[:2] == "| "]
    return {row[0]: row for row in rows[1:]}


def test_every_network_has_a_line_that_says_how_at_what_cost_and_what_to_mind() -> None:
    import sources

    told = networks()
    assert set(FOUNDING) <= set(told)
    assert list(told) == sorted(told, key=lambda name: (not name.startswith("any"), name.lower()))
    assert {len(row) for row in told.values()} == {5}
    named = {name for row in told.values() for name in re.findall(r"`([^`]+)`", row[2])}
    assert named == set(sources.names()), "the adapters that the table names are those that there are"


def test_every_short_form_of_a_feed_is_told() -> None:
    from sources import recipes

    assert recipes.markdown() in section("Networks")


NOW = 1_767_225_600
"""2026-01-01 00:00 UTC."""


def examples() -> list[str]:
    rows = re.findall(r"^\| (`.*?`) \|", section("The query language"), re.MULTILINE)
    return [example for row in rows for example in re.findall(r"`([^`]+)`", row)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A store with something for each example."""
    path = tmp_path_factory.mktemp("language") / "listen.db"
    schema.prepare(path)
    clock = PlayedClock(0.0, float(NOW), 0.0)
    writer = Writer(sqlite.connect_writer(path), clock)
    desk = make_desk(writer)
    press = writer.sync_sources([("press", "feed", {})])["press"]
    channel = writer.sync_channels(press, [("main", "main")])["main"].id
    writer.sync_views([("crisis", "topic:acme sentiment:neg", True)])
    writer.sync_lists({"staff": ["@claire"]})
    writer.sync_desks([Desk("after-sales", "battery", 1_800.0)])
    writer.sync_accounts({"we": ["@us"]})
    claire, monde = Author("claire", "Claire", None, 2_000), Author("lm", "Le Monde", None, 9)
    topics: dict[int, int | None] = {desk.topics["acme"]: -700}
    saturday = NOW - 26 * 86_400 + 13 * 3_600
    posts = [
        make_post(
            "1", "The battery died, the battery life of this battery: test #acme @claire Orange?", title="A recall",
            author=claire, lang="fr", score=-700, hits=3, kind="review", rating=1, likes=10, replies=0, reposts=2,
            views=5_000, url="https://www.lemonde.fr/recall", topics=topics, published_at=NOW - 60, country="fr",
        ),
        make_post("2", "charger of a rival acme battery", author=monde, score=700, hits=2, kind="repost"),
        make_post("3", "a toy", author=Author("us"), score=0, lang="de", kind="reply", published_at=saturday),
        make_post("4", "charger", score=0, hits=1, kind="comment", intents="complaint delivery"),
        make_post("5", "battery https://lemonde.fr/sport", score=None, intents="purchase"),
    ]  # fmt: skip
    writer.add(channel, posts, seen_at=NOW)
    # The table asks for January, too.
    writer.add(channel, [make_post("6", "battery", kind="repost", parent_id="5")], seen_at=NOW + 3_600)
    customers.say(writer.connection, dict(map(customers.told, [customers.Customer("claire", "", "C-1", "VIP")])))
    ids = [row[0] for row in writer.connection.execute("SELECT id FROM mentions ORDER BY external_id")]
    with Triage(path, "ana", clock) as people:
        people.set_status(ids[3:4], "answered")
        people.star(ids[:1])
        people.tag(ids[:1], "vip press")
        people.edit(ids[:1], note="ask her", person="ana")
        people.call_noise(ids[4:5], True)
    with Reader(path, "ana") as reader:
        yield reader
    writer.connection.close()


@pytest.mark.parametrize("example", examples())
def test_every_example_of_the_language_finds_what_it_says(told: Reader, example: str) -> None:
    now = NOW + 3_600.0
    node = told.resolved(query.parse(example), strict=True)
    found = told.page(node, budget=None, now=now)
    everything = told.mentions(told.page(query.parse(""), budget=None, now=now).ids)
    assert found.complete
    assert len(everything) == 6
    holds = match.compile(node, now)
    assert found.ids == [one.id for one in everything if holds(match.Subject.of(one))]
    assert found.ids


def test_the_language_has_an_example_for_each_line() -> None:
    assert len(examples()) >= 45
