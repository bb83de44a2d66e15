"""Links are opened only where the reader sees it, and only as one argument of one command."""

from __future__ import annotations

import sys

import pytest

from listen.console import links


@pytest.mark.skipif(sys.platform == "darwin", reason="the desktop is always there")
def test_no_browser_over_ssh_or_without_a_display(tmp_path) -> None:
    (tmp_path / "xdg-open").write_text("#!/bin/sh\n")
    (tmp_path / "xdg-open").chmod(0o755)
    here = {"DISPLAY": ":0", "PATH": str(tmp_path)}
    assert links.opener(here) == [str(tmp_path / "xdg-open")]
    assert links.opener({**here, "SSH_CONNECTION": "1"}) is None
    assert links.opener({"PATH": str(tmp_path)}) is None
    assert links.opener({"DISPLAY": ":0", "PATH": ""}) is None


def test_a_link_is_one_argument_and_never_a_shell_s(tmp_path) -> None:
    target = tmp_path / "seen"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$1" > {target}.part && mv {target}.part {target}\n')
    script.chmod(0o755)
    assert links.open_link("https://a.example/?q=$(id);x&y", [str(script)])
    import time

    deadline = time.monotonic() + 10
    while not target.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert target.read_text() == "1\nhttps://a.example/?q=$(id);x&y\n"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "--version", "https://u@h.example/"])
def test_nothing_else_is_opened(url: str) -> None:
    assert not links.open_link(url, ["/bin/false"])


def test_a_browser_that_is_not_there(tmp_path) -> None:
    assert not links.open_link("https://a.example/", [str(tmp_path / "none")])


def test_the_host_is_shown_as_it_is_asked_for() -> None:
    assert links.ascii_form("https://аpple.example/x") == "https://xn--pple-43d.example/x"
    assert links.ascii_form("https://a.example/é") == "https://a.example/é"
