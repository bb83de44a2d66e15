"""A mailbox through the whole collector: mails become mentions once, and what is wrong is said in plain words."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listen.collect import mailbox
from listen.collect.http import FetchError, Limits
from listen.config import Source
from listen.secrets import Secret
from sources.base import Request
from tests.collect.clocks import TurnedClock
from tests.collect.collecting import collecting, config, rows, source
from tests.collect.mailserver import PASSWORD, MailServer, letter, mail_server

HEALTH = "SELECT error_reason, error, error_remedy FROM channels"
MENTIONS = "SELECT title, text FROM mentions ORDER BY title"


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server(letters={1: letter("one", "acme"), 4: letter("four", "acme, again")}) as server:
        yield server


def mailing(server: MailServer, monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, **more: Any) -> Source:
    monkeypatch.setenv("MAIL_PASSWORD", password)
    settings = {"host": server.address, "user": "ana", "password": "env:MAIL_PASSWORD", **more}
    return source("post", adapter="imap", settings=settings)


async def test_mails_are_read_once_and_new_ones_as_they_come(
    tmp_path: Path, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, clock = tmp_path / "listen.db", TurnedClock()
    async with collecting(config(store, mailing(mails, monkeypatch)), clock) as run:
        await run.until(lambda: run.of("page"))
        assert rows(store, MENTIONS) == [("four", "acme, again"), ("one", "acme")]
        mails.letters[5] = letter("five", "acme once more")
        clock.turn(120)
        await run.until(lambda: len(run.of("page")) == 2)
        mails.validity, mails.letters = 8, {1: letter("another", "acme, elsewhere")}
        clock.turn(120)
        await run.until(lambda: len(run.of("page")) == 3)
    assert [title for title, _ in rows(store, MENTIONS)] == ["another", "five", "four", "one"]
    assert [line for line in mails.said if line.startswith("UID SEARCH")][1] == "UID SEARCH UID 5:*"
    assert not any(line.startswith(("SELECT", "UID STORE")) for line in mails.said)
    assert PASSWORD.encode() not in store.read_bytes()


async def test_more_mails_than_one_answer_may_hold_come_at_once(
    tmp_path: Path, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "LETTERS", 2)
    mails.letters |= {uid: letter(f"n{uid}", "acme") for uid in range(5, 10)}
    store = tmp_path / "listen.db"
    async with collecting(config(store, mailing(mails, monkeypatch)), TurnedClock()) as run:
        await run.until(lambda: len(run.of("page")) == 4)
    assert len(rows(store, MENTIONS)) == 7


async def test_what_is_wrong_is_said_with_its_remedy(
    tmp_path: Path, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, wrong in {
        "sign-in": mailing(mails, monkeypatch, "wrong horse"),
        "folder": mailing(mails, monkeypatch, folders=["Alertes"]),
    }.items():
        monkeypatch.setenv("MAIL_PASSWORD", "wrong horse" if name == "sign-in" else PASSWORD)
        store = tmp_path / f"{name}.db"
        async with collecting(config(store, wrong), TurnedClock()) as run:
            await run.until(lambda run=run: run.of("error"))
        ((reason, message, remedy),) = rows(store, HEALTH)
        assert reason == name
        assert "wrong horse" not in message + remedy
        assert remedy == {
            "sign-in": "many providers want an app password, which is made in the account's settings",
            "folder": "check folders; there are INBOX, Été",
        }[name]  # fmt: skip


async def asked(server: MailServer, host: str = "", private: tuple[str, ...] = ("127.0.0.1",)) -> FetchError:
    params = (("folder", "INBOX"), ("user", "ana"), ("since", "0"))
    limits = Limits(total=1.0, read=0.5)
    with pytest.raises(FetchError) as caught:
        await mailbox.fetch(
            Request(host or server.address, params),
            secrets={"password": Secret(PASSWORD)},
            limits=limits,
            allow_private=private,
        )
    return caught.value


async def test_servers_that_are_none_or_lie(mails: MailServer) -> None:
    assert (await asked(mails, private=())).reason == "private-address"
    assert (await asked(mails, host=f"imaps://127.0.0.1:{mails.port}")).reason in ("tls", "timeout")
    mails.endless = True
    assert (await asked(mails)).reason == "incomplete"
    mails.silent = True
    assert (await asked(mails)).reason == "timeout"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert (await asked(mails, host=f"imap://127.0.0.1:{taken.getsockname()[1]}")).reason == "connect"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_names_of_folders_are_written_as_the_standard_says(name: str) -> None:
    assert mailbox.decoded(mailbox.encoded(name)) == name
    assert mailbox.encoded(name).isascii()


def test_a_name_of_the_standard() -> None:
    assert mailbox.encoded("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"


@pytest.fixture
def real() -> Iterator[int]:
    """The port of a running pymap with its demonstration mails."""
    program = shutil.which("pymap")
    if program is None:
        pytest.skip("pymap is not on the path: pip install pymap")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--host", "127.0.0.1", "--port", str(port), "dict", "--demo-data"]
    command += ["--demo-user", "ana", "--demo-password", PASSWORD]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 30
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                assert time.monotonic() < deadline, "the server did not start"
                assert process.poll() is None, "the server ended"
            yield port
        finally:
            process.terminate()


@pytest.mark.servers
async def test_a_real_mail_server(tmp_path: Path, real: int, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "listen.db"
    monkeypatch.setattr("sources.imap.FIRST_DAYS", 20_000)
    async with collecting(config(store, mailing(MailServer(real), monkeypatch)), TurnedClock()) as run:
        await run.until(lambda: run.of("page") or run.of("error"))
    assert rows(store, HEALTH) == [(None, None, None)]
    assert len(rows(store, MENTIONS)) > 0
