"""Where the file may lie, and who may read it."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from listen.store import files, schema, sqlite
from listen.store.sqlite import StoreError

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw shared:5 - nfs4 server:/home rw,vers=4.2
31 30 0:41 / /home/local\\040disk rw - xfs /dev/vdb rw
32 22 0:42 / /mnt/c rw - 9p drvfs rw,aname=drvfs;path=C:\\134,uid=1000
33 22 0:43 / /vm rw - 9p root rw,trans=virtio
34 22 0:44 / /over rw - ext4 /dev/vdc rw
35 22 0:45 / /over rw - fuse.sshfs me@host: rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib", "ext4"), ("/", "ext4"), ("/home/ana", "nfs4"), ("/home", "nfs4"), ("/homes", "ext4"),
        ("/home/local disk/x", "xfs"), ("/mnt/c/Users", "smb"), ("/vm/x", "9p"), ("/over/x", "fuse.sshfs"),
    ],
)  # fmt: skip
def test_the_mount_that_holds_a_folder(folder: str, kind: str) -> None:
    assert files.file_system(Path(folder), files.linux_mounts(MOUNTS)) == kind


def test_a_network_disk_is_refused_unless_forced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "listen.db"
    schema.prepare(path)
    monkeypatch.setattr(files, "mounts", lambda: [("/", "ext4"), (str(tmp_path), "nfs4")])
    for opens in (schema.prepare, sqlite.connect_writer, sqlite.connect_people, sqlite.connect_reader):
        with pytest.raises(StoreError, match=r"network file system \(nfs4\).*--force"):
            opens(path)
        opened = opens(path, forced=True)
        if opened is not None:
            opened.close()


def test_this_machine_s_mounts_can_be_read(tmp_path: Path) -> None:
    assert files.file_system(tmp_path.resolve(), files.mounts()) is not None


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in sorted(folder.iterdir())}


SHUT = """
import os, sys
os.umask(0o022)
from listen.store import schema, sqlite
schema.prepare(sys.argv[1])
connection = sqlite.connect_writer(sys.argv[1])
connection.execute("INSERT INTO state VALUES ('a', 'b')")
reader = sqlite.connect_reader(sys.argv[1])
reader.execute("SELECT * FROM state").fetchall()
os.kill(os.getpid(), 9)
"""


def test_nobody_else_may_read_whatever_the_umask(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SHUT, str(tmp_path / "deep" / "listen.db")], check=False, timeout=60)
    assert done.returncode == -9
    assert modes(tmp_path / "deep") == dict.fromkeys(["listen.db", "listen.db-shm", "listen.db-wal"], "0o600")
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700


def test_a_team_s_folder_shares_with_its_group(tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    team.chmod(0o2770)
    schema.prepare(team / "listen.db")
    connection = sqlite.connect_writer(team / "listen.db")
    connection.execute("INSERT INTO state VALUES ('a', 'b')")
    assert modes(team) == dict.fromkeys(["listen.db", "listen.db-shm", "listen.db-wal"], "0o660")
    connection.close()
