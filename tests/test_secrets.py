"""Secrets: found by reference, shown to nobody, masked in whatever is logged."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import sys
import types
from pathlib import Path

import pytest

from listen.secrets import Redact, Secret, SecretError, mask, resolve


def fault(reference: str, **options: object) -> SecretError:
    with pytest.raises(SecretError) as caught:
        resolve(reference, **options)  # type: ignore[arg-type]
    assert caught.value.message in str(caught.value)
    assert caught.value.remedy in str(caught.value)
    return caught.value


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret("canary-4471")
    assert secret.reveal() == "canary-4471"
    shown = f"{secret} {secret!r} {secret:>5} {[secret]} {secret!s}"
    assert "canary" not in shown
    assert shown.count("***") == 5
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert copy.deepcopy({"key": secret})["key"] == secret == Secret("canary-4471")
    assert secret != Secret("canary-4472")
    assert secret != "canary-4471"
    assert len({secret, Secret("canary-4471")}) == 1


def test_from_the_environment() -> None:
    assert resolve("env:TOKEN", environ={"TOKEN": " abc-def \n"}).reveal() == "abc-def"
    assert "TOKEN is not set" in fault("env:TOKEN", environ={}).message
    assert "TOKEN is empty" in fault("env:TOKEN", environ={"TOKEN": " "}).message


def test_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc-def\n")
    for mode in (0o600, 0o400, 0o640):
        file.chmod(mode)
        assert resolve(f"file:{file}").reveal() == "abc-def"
    assert resolve("file:token", base=tmp_path).reveal() == "abc-def"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o666])
def test_a_file_that_others_may_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "token"
    file.write_text("abc-def\n")
    file.chmod(mode)
    trouble = fault(f"file:{file}")
    assert "open to other people" in trouble.message
    assert f"chmod 600 {file}" in trouble.remedy


def test_files_that_hold_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "token"
    assert "does not exist" in fault(f"file:{file}").message
    for content, said in ((b"", "is empty"), (b"\xff\xfe", "is not text"), (b"x" * 70_000, "larger than 64 KB")):
        file.write_bytes(content)
        file.chmod(0o600)
        assert said in fault(f"file:{file}").message
    assert "not a plain file" in fault(f"file:{tmp_path}").message
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    assert "not a plain file" in fault(f"file:{pipe}").message


def test_from_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = types.ModuleType("keyring")
    ring.get_password = lambda service, user: {("listen", "ana"): "abc-def"}.get((service, user))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert resolve("keyring:listen/ana").reveal() == "abc-def"
    assert "nothing for listen/bob" in fault("keyring:listen/bob").message
    assert "service and a user" in fault("keyring:listen").message

    def locked(service: str, user: str) -> str:
        raise RuntimeError("canary-5123")

    ring.get_password = locked  # type: ignore[attr-defined]
    assert "canary" not in str(fault("keyring:listen/ana"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install keyring" in fault("keyring:listen/ana").remedy


@pytest.mark.parametrize("reference", ["canary-6001", "env:", "file:", "canary-6001:x", ""])
def test_what_is_no_reference_is_not_repeated(reference: str) -> None:
    trouble = fault(reference)
    assert "canary" not in str(trouble)
    assert "env:NAME" in trouble.remedy


def test_masking_knows_secrets_as_they_look_in_addresses() -> None:
    Secret("canary 71/é+")
    assert mask("a canary 71/é+ b") == "a *** b"
    assert mask("https://h/?k=canary%2071%2F%C3%A9%2B&l") == "https://h/?k=***&l"
    assert mask("https://h/?k=canary+71%2F%C3%A9%2B&l") == "https://h/?k=***&l"


def test_of_a_secret_address_its_keys_are_masked_alone_and_its_plain_words_are_not() -> None:
    Secret("https://ana:pa55@hooks.example.org/services/T0123ABCD/of-a-hook?token=aaaabbbbcccc1&mode=insecure")
    Secret("tgram://998877:AAbbCCdd/4711")
    told = mask("hooks.example.org/services of-a-hook insecure pa55 T0123ABCD aaaabbbbcccc1")
    assert told == "hooks.example.org/services of-a-hook insecure *** *** ***"


def test_a_longer_secret_is_masked_before_its_beginning() -> None:
    Secret("canary-72")
    Secret("canary-72-and-more")
    assert mask("canary-72-and-more") == "***"


def test_very_short_secrets_do_not_ruin_texts() -> None:
    Secret("abc")
    assert mask("abcdef") == "abcdef"


def test_log_records_are_masked_with_their_tracebacks() -> None:
    secret = Secret("canary-8001")
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep()
    handler.addFilter(Redact())
    log = logging.Logger("test")
    log.addHandler(handler)
    log.warning("token %s in %r", secret.reveal(), {"k": secret.reveal()}, stack_info=True)
    try:
        raise ValueError(f"with {secret.reveal()}")
    except ValueError:
        log.exception("went wrong")
    log.warning("bad %d", "arguments")
    text = "\n".join(lines)
    assert "canary" not in text
    assert "token *** in {'k': '***'}" in text
    assert "ValueError: with ***" in text
    assert len(lines) == 3
