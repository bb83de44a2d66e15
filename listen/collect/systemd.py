"""What systemd wants to know of a service, and the unit that `listen collect --systemd` prints."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping, Sequence

from listen import text


def notify(*lines: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell the service manager, if there is one: `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=...`.

    False when nobody listens; a lost message is no reason to stop collecting.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
            there.connect(address)
            there.sendall("\n".join(lines).encode())
    except OSError:
        return False
    return True


def status(words: str) -> str:
    """A `STATUS=` line; foreign text in it stays on its line."""
    return f"STATUS={text.one_line(words, 200)}"


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> float | None:
    """How often to say `WATCHDOG=1`: half the time that the manager grants; None when it does not watch us."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(microseconds) / 2_000_000


def unit(command: Sequence[str]) -> str:
    """A user unit that runs that command (`["/usr/bin/listen", "collect", ...]`, absolute paths) and watches over it.

    Only the collector itself is asked to end: its children follow when their standard input closes.
    """
    return f"""\
# Save as ~/.config/systemd/user/listen.service, then:
#   systemctl --user daemon-reload && systemctl --user enable --now listen
#   loginctl enable-linger    (to go on after you log out)
[Unit]
Description=listen, the collector

[Service]
Type=notify
NotifyAccess=main
ExecStart={" ".join(_quoted(part) for part in command)}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=10
# 2 is a configuration that cannot work, 4 another collector on the same store: trying again would not help.
RestartPreventExitStatus=2 4
WatchdogSec=120
TimeoutStartSec=300
TimeoutStopSec=20
KillMode=mixed
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
"""


def _quoted(part: str) -> str:
    """The part as systemd reads it: C escapes inside double quotes, `%` and `$` doubled."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if re.search(r"[^\w@%+=:,./$-]", part) or not part else escaped
