"""What a receiver's answer means for the message it answers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

PATIENT = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
LARGEST = 10 * 365 * 86_400


class Fate(StrEnum):
    """What becomes of a message after an attempt."""

    ARRIVED = "arrived"
    RETRY = "retry"
    UNWANTED = "unwanted"  # and neither is anything else for this subscriber


@dataclass(frozen=True, slots=True)
class Answer:
    """How one attempt ended: with a status, or with an error and no answer at all."""

    took_ms: int
    status: int | None = None
    error: str | None = None
    retry_after: str | None = None

    @property
    def fate(self) -> Fate:
        """What becomes of the message. A redirect is a failure: it would leave what was checked.

        >>> [Answer(1, status).fate.value for status in (204, 302, 410, 500)]
        ['arrived', 'retry', 'unwanted', 'retry']

        Source: Standard Webhooks, "Webhook status codes".
        """
        if self.status == HTTPStatus.GONE:
            return Fate.UNWANTED
        if self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES:
            return Fate.ARRIVED
        return Fate.RETRY

    def asked_pause(self, now: datetime) -> timedelta | None:
        """Return for how long a busy receiver asks us to wait, where it says so.

        >>> Answer(1, 429, retry_after="120").asked_pause(datetime(2026, 1, 1)).seconds
        120

        Source: RFC 9110, section 10.2.3.
        """
        if self.status not in PATIENT or self.retry_after is None:
            return None
        if self.retry_after.isascii() and self.retry_after.isdigit():
            return timedelta(seconds=min(int(self.retry_after[:10]), LARGEST))
        try:
            at = parsedate_to_datetime(self.retry_after)
            return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta())
        except (ValueError, TypeError, OverflowError):
            return None
