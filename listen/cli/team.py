"""A store for a team: a folder that gives its group to its files, which the group alone may read and write."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from collections.abc import Sequence
from pathlib import Path

from listen.cli.common import FOUND, USAGE, AdapterKeys, Fault, Session, print_json, say

STORE = Path("/var/lib/listen/listen.db")
"""Where a team's store lies when no place is named."""

CONFIG_FILES = ("config.toml", "console.toml")
FOLDER, FILE = 0o2770, 0o660


def set_up(session: Session, group: str, text: str | None, *, force: bool = False) -> int:
    """`init --team`: a configuration and a store for a group; without a text those that are there are shared."""
    from listen import config
    from listen.cli.setup import open_sources, write
    from listen.store import schema

    gid = group_id(group)
    if text is None:
        file, store = _there(session)
    else:
        store = (session.db or STORE).expanduser().absolute()
        file = (session.config_file or _config_for(store)).expanduser().absolute()
        if os.path.lexists(file) and not force:
            told = f"{file} is there already; without a brand, --team shares it as it is; --force writes over it"
            raise Fault(told, USAGE)
        text = text.replace("\n\n\n", f"\n\n\n{_where(store)}\n\n", 1)
        open_sources(config.would_be(text, file, store=store, adapter_keys=AdapterKeys()))
    folders = list(dict.fromkeys((store.parent.resolve(), file.parent.resolve())))
    own = (store.name, *CONFIG_FILES)
    for folder in folders:
        check_folder(folder, gid, own)
    for folder in folders:
        share_folder(folder, gid)
    if text is not None:
        write(file, text)
    schema.prepare(store)
    for folder in folders:
        share_files(folder, gid, own)
    _tell(session, file, store, group, gid)
    return FOUND


def _there(session: Session) -> tuple[Path, Path]:
    """The configuration and the store that are there already. Raises Fault."""
    from listen import config

    file = config.find_file(session.config_file)
    if file is None:
        told = "name what the team listens for, such as `listen init acme --team GROUP`"
        raise Fault(f"{told}; without a brand there must be a configuration, and there is none", USAGE)
    if file.parent == config.user_folder():
        told = f"{file} is your own, which nobody else reads; `listen init BRAND --team GROUP` begins one for all"
        raise Fault(f"{told}, into which you may copy your topics and sources", USAGE)
    return file, config.load(file, store=session.db).store.absolute()


def _config_for(store: Path) -> Path:
    """Where everybody's `listen` finds it; beside the store when this user may not write there."""
    from listen import config

    folder = config.system_file().parent
    nearest = next(one for one in (folder, *folder.parents) if os.path.exists(one))
    return config.system_file() if os.access(nearest, os.W_OK | os.X_OK) else store.parent / "config.toml"


def _where(store: Path) -> str:
    from listen.config.starter import toml_text

    return f"[store]\npath = {toml_text(str(store))}\n"


def _tell(session: Session, file: Path, store: Path, group: str, gid: int) -> None:
    from listen import config

    people = [name for name in members(gid) if name != "root"]
    steps = []
    if file != config.system_file():
        # A link to the folder, so that what is edited later lies beside it for everybody.
        folder = config.system_file().parent
        if os.path.lexists(folder):
            steps.append(f"export LISTEN_CONFIG={shlex.quote(str(file))}    (each person; {folder} is there already)")
        else:
            steps.append(f"sudo ln -s {shlex.quote(str(file.parent))} {folder}    (then plain `listen` finds it)")
    if not people:
        steps.append(f"sudo usermod -aG {group} NAME    (each person, who then logs in again)")
    if session.as_json:
        told = {"config": str(file), "store": str(store), "group": group, "members": people, "next": steps}
        print_json(told)
        return
    who = ", ".join(people) if people else "nobody yet"
    say(f"{file}\n{store}\nread and written by the group {group} ({who}), and by nobody else")
    for step in steps:
        say(f"next: {step}")
    say("next: `listen doctor` looks it over, `listen` opens the console; from elsewhere: ssh -t HOST listen")


def group_id(name: str) -> int:
    """The number of a group that this user may give files to. Raises Fault."""
    try:
        gid = grp.getgrnam(name).gr_gid
    except KeyError:
        from listen.config import closest

        near = closest(name, [one.gr_name for one in grp.getgrall()])
        hint = f"{near}; " if near else ""
        made = f"`sudo groupadd {shlex.quote(name)}` makes it"
        raise Fault(f'there is no group "{name}" on this machine; {hint}{made}', USAGE) from None
    if os.geteuid() != 0 and gid not in (*os.getgroups(), os.getegid()):
        joins = f"`sudo usermod -aG {name} {_me()}`, then log in again"
        raise Fault(f"you are not in the group {name}, so you cannot share with it; {joins}", USAGE)
    return gid


def members(gid: int) -> list[str]:
    """Who is in a group, also those whose first group it is."""
    group = grp.getgrgid(gid)
    first = [user.pw_name for user in pwd.getpwall() if user.pw_gid == gid]
    return sorted({*group.gr_mem, *first})


def check_folder(folder: Path, gid: int, own: Sequence[str]) -> None:
    """Raise Fault unless the folder can be the team's: reachable for its group, and nothing else in it.

    `own` are the beginnings of the names of what belongs to a store.
    """
    group = grp.getgrgid(gid).gr_name
    for above in reversed(folder.parents):
        if not above.exists():
            break
        status = above.stat()
        if not (status.st_mode & stat.S_IXOTH or (status.st_gid == gid and status.st_mode & stat.S_IXGRP)):
            raise Fault(
                f"{above} is closed to the group {group} (mode {stat.S_IMODE(status.st_mode):04o}), so nobody would "
                f"reach {folder}; name a place that all can reach, such as `--db /srv/listen/listen.db`",
                USAGE,
            )
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Fault(f"{folder} is no folder; name another place with --db", USAGE)
    try:
        other = [name for name in sorted(os.listdir(folder)) if not name.lstrip(".").startswith(tuple(own))]
    except PermissionError:
        raise Fault(f"{folder} cannot be read by you; {_as_root()}", USAGE) from None
    if other:
        raise Fault(
            f"{folder} holds other things, such as {other[0]}, which the group {group} would get, too; what a team "
            f"shares wants a folder of its own, such as {folder / 'listen'}; name it with --db, or with --config",
            USAGE,
        )


def share_folder(folder: Path, gid: int) -> None:
    """Make the folder, and those above it, and give it to the group. Raises Fault."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        try:
            one.mkdir(mode=0o700)
        except PermissionError:
            group = grp.getgrgid(gid).gr_name
            command = f"sudo install -d -m 2770 -o {_me()} -g {group} {shlex.quote(str(folder))}"
            raise Fault(f"{one} cannot be made by you; {_as_root()}, or once: {command}", USAGE) from None
        if one != folder:
            one.chmod(0o755)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    _give(handle, folder, gid, FOLDER)


def share_files(folder: Path, gid: int, own: Sequence[str]) -> None:
    """Give what belongs to a store to the group. Raises Fault.

    Whoever may write in the folder could have put a link there: only plain files with one name are changed.
    """
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if not entry.name.startswith(tuple(own)) or not entry.is_file(follow_symlinks=False):
            continue
        try:
            handle = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Fault(f"{entry.path} cannot be opened ({error.strerror}); {_as_root()}", USAGE) from None
        if os.fstat(handle).st_nlink == 1:
            _give(handle, Path(entry.path), gid, FILE)
        else:
            os.close(handle)


def _give(handle: int, path: Path, gid: int, mode: int) -> None:
    """Group and permissions of an open file, which is closed."""
    try:
        before = os.fstat(handle)
        if before.st_gid != gid:
            os.fchown(handle, -1, gid)
        if stat.S_IMODE(before.st_mode) != mode or before.st_gid != gid:
            os.fchmod(handle, mode)
    except PermissionError:
        group, where = grp.getgrgid(gid).gr_name, shlex.quote(str(path))
        commands = f"sudo chgrp {group} {where} && sudo chmod {mode:o} {where}"
        raise Fault(f"{path} is somebody else's; {_as_root()}, or: {commands}", USAGE) from None
    finally:
        os.close(handle)


def _as_root() -> str:
    return "run the same command with sudo"


def _me() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
