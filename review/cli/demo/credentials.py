"""The demo's credentials: a file for scripts and newcomers, and the demo's own memory.

Only digests of keys and hashes of passwords are in the database, so this file is what a second run
finds them in again. It is there while the demo can be used: in between, a run keeps it aside.
"""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "credentials.json"
ASIDE = "credentials.last.json"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything needed to use a demo; its fields are part of the wire contract."""

    url: str
    workspace: str
    agents: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    people: dict[str, list[dict[str, str]]] = field(
        default_factory=dict[str, list[dict[str, str]]], repr=False
    )
    queues: list[str] = field(default_factory=list[str])

    def password_of(self, email: str) -> str | None:
        """Return a person's password, if it is known."""
        known = [one for people in self.people.values() for one in people]
        return next((one["password"] for one in known if one["email"] == email), None)


def take(folder: Path) -> Credentials | None:
    """Return the credentials of the last run, if any, and take the file out of sight."""
    with suppress(FileNotFoundError):
        (folder / NAME).replace(folder / ASIDE)
    with suppress(FileNotFoundError, ValueError, TypeError):
        return Credentials(**json.loads((folder / ASIDE).read_text()))
    return None


@contextmanager
def published(folder: Path, credentials: Credentials) -> Generator[Path, None, None]:
    """Show the credentials where scripts look, for as long as they can be used.

    The file appears whole or not at all, and for its owner alone.
    """
    draft, final = folder / "credentials.new", folder / NAME
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(json.dumps(asdict(credentials), indent=2) + "\n")
    draft.replace(final)
    try:
        yield final
    finally:
        take(folder)
