"""The README tells of every command, option, key and configuration key, and its examples are valid."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from listen import cli, query
from listen.config.keys import PERSONAL, TABLES
from listen.console import keys

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


def test_every_adapter_and_its_keys_are_told() -> None:
    import sources

    for name in sources.names():
        assert f"`{name}`" in section("Sources")
        for key in sources.get(name).options:
            assert f"`{key}`" in section("Sources"), f"{name}: {key}"


def test_every_example_of_the_language_is_a_query() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", section("The query language"), re.MULTILINE)
    examples = [example for row in rows for example in re.findall(r"`([^`]+)`", row)]
    assert len(examples) >= 20
    for example in examples:
        query.parse(example)
