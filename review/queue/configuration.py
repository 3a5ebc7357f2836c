"""A queue's configuration: one immutable document per version, checked before it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from review.kernel.problems import Kind, Problem, invalid
from review.queue.transitions import Event, Result


class Effect(StrEnum):
    """What a verdict does to the item, whatever the queue calls it."""

    APPROVE = "approve"
    APPROVE_WITH_EDITS = "approve_with_edits"
    REJECT = "reject"
    REQUEST_INFO = "request_info"
    ESCALATE = "escalate"
    ABSTAIN = "abstain"


class OnExpiry(StrEnum):
    """What happens when nobody decided in time."""

    REJECT = "reject"
    APPROVE = "approve"
    ESCALATE = "escalate"
    WITHDRAW = "withdraw"


SETTLES = {
    Effect.APPROVE: Result.APPROVED,
    Effect.APPROVE_WITH_EDITS: Result.APPROVED_WITH_EDITS,
    Effect.REJECT: Result.DENIED,
}

EVENT_OF = {
    Effect.REQUEST_INFO: Event.ASK,
    Effect.ESCALATE: Event.ESCALATE,
    Effect.ABSTAIN: Event.ABSTAIN,
}


class UnknownVerdict(Problem):
    """This queue has no such verdict.

    A queue's decision form names the verdicts it takes; `allowed` lists them.
    """

    kind = Kind.INVALID


class ReasonNeeded(Problem):
    """This verdict needs a reason.

    Reasons are chosen from the queue's list, so that decisions can be counted and compared later;
    `allowed` lists them. Some verdicts need a note as well: then `errors` points at `/note`.
    """

    kind = Kind.INVALID


@dataclass(frozen=True, slots=True)
class VerdictChoice:
    """One verdict of a queue's decision form."""

    name: str
    effect: Effect
    label: str
    key: str
    needs_reason: bool = False
    needs_note: bool = False
    irreversible: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a queue's decision form."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """How one queue works, as of one version.

    Units: durations in seconds. `argument_schemas` maps an action's name to the JSON Schema of its
    arguments; `content_schema` is the one of a moderation item's content.
    """

    owner: str
    kinds: tuple[str, ...]
    verdicts: tuple[VerdictChoice, ...]
    reasons: tuple[Reason, ...]
    title: str = ""
    due_in_s: int = 900
    stale_in_s: int = 3_600
    expires_in_s: int = 7_200
    on_expiry: OnExpiry = OnExpiry.REJECT
    may_approve_on_expiry: bool = False
    lease_s: int = 600
    max_claims: int = 3
    escalates_to: str | None = None
    requires: tuple[str, ...] = ()
    argument_schemas: Mapping[str, Any] = field(default_factory=dict[str, Any])
    content_schema: Mapping[str, Any] | None = None

    def verdict(self, name: str) -> VerdictChoice:
        """Return the verdict of that name, or raise UnknownVerdict."""
        for choice in self.verdicts:
            if choice.name == name:
                return choice
        raise UnknownVerdict(verdict=name, allowed=[choice.name for choice in self.verdicts])

    def check_reasons(self, choice: VerdictChoice, codes: tuple[str, ...], note: str) -> None:
        """Return quietly if the verdict comes with the reasons it needs.

        Raises: ReasonNeeded.
        """
        allowed = [reason.code for reason in self.reasons]
        strangers = [
            {"pointer": f"/reason_codes/{place}", "message": f"{code!r} is not a reason here"}
            for place, code in enumerate(codes)
            if code not in allowed
        ]
        if strangers:
            raise ReasonNeeded(errors=strangers, allowed=allowed)
        if choice.needs_reason and not codes:
            missing = {"pointer": "/reason_codes", "message": "choose at least one reason"}
            raise ReasonNeeded(errors=[missing], allowed=allowed)
        if choice.needs_note and not note.strip():
            raise ReasonNeeded(errors=[{"pointer": "/note", "message": "write a note"}])


def configuration_of(document: object) -> Configuration:
    """Return a configuration from the document it is kept as, or say which field is wrong.

    Raises: InvalidRequest.
    """
    try:
        parsed = msgspec.convert(document, Configuration)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise invalid(pointer or "/", message) from None
    _check(parsed)
    return parsed


def document_of(configuration: Configuration) -> dict[str, Any]:
    """Return the document a configuration is kept as."""
    return msgspec.to_builtins(configuration)


def _check(configuration: Configuration) -> None:
    """Refuse a configuration under which an item could wait for ever or nobody could decide."""
    if not configuration.owner.strip():
        raise invalid("/owner", "name the person or rota who answers for this queue")
    for name in ("due_in_s", "stale_in_s", "expires_in_s", "lease_s", "max_claims"):
        if getattr(configuration, name) < 1:
            raise invalid(f"/{name}", "must be at least 1")
    if configuration.due_in_s > configuration.expires_in_s:
        raise invalid("/due_in_s", "must not be later than expires_in_s")
    _check_verdicts(configuration.verdicts)
    escalating = any(choice.effect is Effect.ESCALATE for choice in configuration.verdicts)
    if configuration.on_expiry is OnExpiry.ESCALATE or escalating:
        if configuration.escalates_to is None:
            raise invalid("/escalates_to", "name the queue that escalations go to")
    if configuration.on_expiry is OnExpiry.APPROVE and not configuration.may_approve_on_expiry:
        raise invalid("/may_approve_on_expiry", "must be true when on_expiry is approve")
    if configuration.on_expiry is OnExpiry.APPROVE:
        if configuration.stale_in_s <= configuration.expires_in_s:
            raise invalid("/on_expiry", "approve needs stale_in_s to be more than expires_in_s")


def _check_verdicts(verdicts: tuple[VerdictChoice, ...]) -> None:
    """Refuse a form on which two verdicts look the same, or none settles."""
    for trait in ("name", "key"):
        if len({getattr(choice, trait) for choice in verdicts}) != len(verdicts):
            raise invalid("/verdicts", f"every verdict needs a {trait} of its own")
    if not any(choice.effect in SETTLES for choice in verdicts):
        raise invalid("/verdicts", "at least one verdict must settle the item")
