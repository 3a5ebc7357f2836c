"""When to try again, and when to give up."""

from datetime import timedelta

# The pause before each attempt.
SCHEDULE = (
    timedelta(),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
LONGEST = SCHEDULE[-1]


def pause(tries: int, asked: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after so many attempts that failed, or None to give up.

    A receiver may ask for a longer pause, up to a day, and not for a shorter one.

    >>> [str(pause(tries)) for tries in (1, 2, 9, 10)]
    ['0:00:05', '0:05:00', '1 day, 0:00:00', 'None']
    >>> str(pause(1, timedelta(minutes=2))), str(pause(3, timedelta(seconds=1)))
    ('0:02:00', '0:30:00')

    Source: Standard Webhooks, "Deliverability and reliability".
    """
    if tries >= len(SCHEDULE):
        return None
    return max(SCHEDULE[tries], min(asked or timedelta(), LONGEST))
