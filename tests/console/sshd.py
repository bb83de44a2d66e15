"""Debian's sshd on loopback, for this user and with keys of its own, and command lines that go through it."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
SSH, KEYGEN = shutil.which("ssh"), shutil.which("ssh-keygen")

MISSING = next((f"there is no {name} here" for name, tool in (("sshd", SSHD), ("ssh", SSH)) if not tool), "")
"""Why nothing can go through it; empty when it can."""

CONF = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
AcceptEnv NO_COLOR
PrintMotd no
PrintLastLog no
{more}
"""

ROOT = Path(__file__).parents[2]


class Server:
    """A running sshd."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.folder, self.port, self.process = folder, port, process

    def command(
        self,
        remote: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *options: str,
        user: str = getpass.getuser(),
    ) -> list[str]:
        """The client's command line that runs a command there in a terminal, with variables of its own.

        The first of two options of one name counts, so that `options` go over ours.
        """
        kept = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "TZ": "UTC", **(environment or {})}
        there = shlex.join(["env", *(f"{name}={value}" for name, value in kept.items()), *remote])
        assert SSH is not None
        return [
            SSH, "-tt", "-F", "none", "-p", str(self.port), "-i", f"{self.folder}/client", *options,
            "-o", "LogLevel=ERROR", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known",
            "-o", "SendEnv=NO_COLOR", f"{user}@127.0.0.1", f"exec {there}",
        ]  # fmt: skip


@contextmanager
def serving(folder: Path, more: str = "", within: Sequence[str] = ()) -> Iterator[Server]:
    """An sshd for as long as this lasts, with `more` in its configuration. Raises OSError where it does not start.

    `within` is put before its command line.
    """
    assert KEYGEN is not None
    assert SSHD is not None
    for name in ("host", "client"):
        subprocess.run([KEYGEN, "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    (folder / "conf").write_text(CONF.format(port=port, folder=folder, more=more))
    log = folder / "log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [*within, SSHD, "-D", "-e", "-f", folder / "conf"], stdin=subprocess.DEVNULL, stderr=told
        )
    try:
        _wait(port, process, log)
        yield Server(folder, port, process)
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as there:
            if there.recv(4) == b"SSH-":
                return
        if process.poll() is not None or time.monotonic() > deadline:
            raise OSError(f"sshd does not start: {log.read_text()}")
        time.sleep(0.02)
