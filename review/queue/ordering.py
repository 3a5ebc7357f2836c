"""What comes first: one static key per item, so order is an index and nothing is re-scored."""

from datetime import datetime


def sort_key(*, created_at: datetime, due_at: datetime) -> datetime:
    """Return the instant that ranks an item in its lane; the earliest is served first.

    For now a lane is a queue and the key is the review's deadline, which serves in an order that
    minimises the largest lateness when service times are equal (Jackson 1955). An item due before
    it was created cannot be; such a key would jump every other.

    >>> from datetime import UTC
    >>> noon, one = datetime(2027, 1, 1, 12, tzinfo=UTC), datetime(2027, 1, 1, 13, tzinfo=UTC)
    >>> sort_key(created_at=noon, due_at=one) == one
    True

    Units: instants in UTC.
    Source: Jackson 1955, "Scheduling a production line to minimize maximum tardiness".
    """
    return max(created_at, due_at)


def why_now(*, due_at: datetime, now: datetime, risk_tier: str | None) -> str:
    """Say in words why an item is served at this moment.

    >>> from datetime import UTC, timedelta
    >>> noon = datetime(2027, 1, 1, 12, tzinfo=UTC)
    >>> why_now(due_at=noon + timedelta(minutes=6), now=noon, risk_tier="high")
    'high risk, due in 6 min; the earliest deadline comes first'
    >>> why_now(due_at=noon, now=noon + timedelta(hours=2), risk_tier=None)
    'overdue by 2 h; the earliest deadline comes first'
    """
    left = int((due_at - now).total_seconds())
    when = f"due in {words(left)}" if left >= 0 else f"overdue by {words(-left)}"
    risk = f"{risk_tier} risk, " if risk_tier else ""
    return f"{risk}{when}; the earliest deadline comes first"


def words(seconds: int) -> str:
    """Return a duration as a person says it, in its largest unit.

    >>> [words(n) for n in (5, 360, 7200, 200000)]
    ['5 s', '6 min', '2 h', '2 d']
    """
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
