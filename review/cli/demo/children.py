"""The demo's processes: started together, watched, stopped together."""

import os
import signal
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from review.infra.embedded_folder import last_words
from review.kernel.problems import Kind, Problem

PATIENCE_S = 15.0  # a web server may take 5 s to say goodbye


class ProcessDied(Problem):
    """A process of the demo has ended by itself, so the others were stopped too.

    `process` says which, `exit` how (a negative number is a signal), `log` where it wrote, and
    `said` what it wrote last.
    """

    kind = Kind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Children:
    """Processes by name; each leads a group of its own, so that Ctrl-C reaches only us."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(
        default_factory=dict[str, subprocess.Popen[bytes]]
    )

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a process that writes to a log of its own."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ensure_alive(self) -> None:
        """Return quietly while all of them run.

        Raises: ProcessDied.
        """
        for name, process in self.running.items():
            if (code := process.poll()) is not None:
                log = last_words(self.logs / f"{name}.log")
                raise ProcessDied(process=name, exit=code, **log)

    def stop(self) -> None:
        """Stop them, the last one first; what does not go is killed, with all it has started."""
        for process in reversed(self.running.values()):
            process.terminate()
        for process in reversed(self.running.values()):
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_S)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def children(logs: Path) -> Generator[Children, None, None]:
    """Give a family of processes that ends with the block."""
    logs.mkdir(parents=True, exist_ok=True)
    family = Children(logs)
    try:
        yield family
    finally:
        family.stop()
