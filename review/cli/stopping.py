"""Being told to stop: once, and then in peace."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

TOLD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stoppable() -> Generator[None, None, None]:
    """Leave with exit code 0 when told to stop; what is cleaned up then is not disturbed.

    Programs that hold servers of their own must not die of a signal: their servers would stay.
    """
    before = {number: signal.signal(number, _leave) for number in TOLD}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(_number: int, _frame: FrameType | None) -> None:
    for number in TOLD:
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)
