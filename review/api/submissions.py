"""What agents send: the wire types of a request, and the ask each becomes."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from review.api.wire import Wire
from review.intake.asks import Ask, Change
from review.kernel.ids import ItemId
from review.kernel.problems import invalid

Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(max_length=100_000)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,16}:[A-Za-z0-9_.:@/-]{1,128}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
Seconds = Annotated[int, Field(ge=-(2**31), le=2**31 - 1, description="Seconds from now.")]
Score = Annotated[float, Field(allow_inf_nan=False)]


class Kind(StrEnum):
    """What sort of item."""

    APPROVAL = "approval"
    MODERATION = "moderation"
    ESCALATION = "escalation"
    APPEAL = "appeal"
    TASK = "task"


class Action(Wire):
    """What the agent would do: the exact call."""

    name: Name
    arguments: dict[str, Any]


class Fact(Wire):
    """One fact, where it came from and when."""

    name: Short
    value: Any = None
    source: Short | None = None
    fetched_at: AwareDatetime | None = None
    etag: Short | None = None


class Message(Wire):
    """One turn of the conversation; `parent` makes it a tree."""

    id: Short
    parent: Short | None = None
    role: Short
    content: Long


class Done(Wire):
    """One call the agent has made already."""

    name: Name
    arguments: dict[str, Any] = {}
    result: Any = None


class Why(Wire):
    """Why this needs a person."""

    code: Literal[
        "policy_rule",
        "irreversible",
        "novel",
        "disagreement",
        "user_request",
        "repeated_failure",
        "low_confidence",
        "near_boundary",
        "stage_disagreement",
        "category_rule",
        "report",
        "appeal",
        "audit",
    ]
    detail: Long | None = None


class Risk(Wire):
    """What is at stake."""

    tier: Literal["low", "medium", "high", "critical"] = "medium"
    reversible: bool = False
    blast_radius: Short | None = None
    rollback: Long | None = None


class Media(Wire):
    """One picture, video or sound, by address; it is never loaded unasked."""

    type: Short
    url: Short | None = None
    sha256: Short | None = None
    harm: Short | None = None


class Entity(Wire):
    """Somebody or something the content is about."""

    type: Short
    id: Short
    attributes: dict[str, Any] = {}


class Content(Wire):
    """What is to be moderated."""

    type: Short
    text: Long | None = None
    author: Short | None = None
    url: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    media: list[Media] = []
    entities: list[Entity] = []
    relationships: list[dict[str, Any]] = []


class Signal(Wire):
    """What one stage of the cascade said."""

    stage: Short
    source: Short
    version: Short | None = None
    model_family: Short | None = None
    taxonomy: Short | None = None
    taxonomy_version: Short | None = None
    code: Short | None = None
    score: Score | None = None
    flagged: bool | None = None
    threshold: Score | None = None
    outcome: Short | None = None
    latency_ms: Score | None = None


class Report(Wire):
    """What somebody reported."""

    reporter: Short
    category: Short
    text: Long | None = None
    reported_at: AwareDatetime | None = None


class Reach(Wire):
    """How many people it reaches."""

    views_per_hour: Score | None = None


class Run(Wire):
    """Which run of which agent asks, and on whose behalf."""

    run_id: Short | None = None
    call_id: Short | None = None
    agent: Short | None = None
    model: Short | None = None
    model_family: Short | None = None
    prompt_sha256: Short | None = None
    delegated_by: Short | None = None


class Precondition(Wire):
    """Something that must still hold when the agent acts."""

    name: Short
    etag: Short | None = None
    check_url: Annotated[str, StringConstraints(max_length=2_000)] | None = None


class Asked(Wire):
    """What may be changed by a revision."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    action: Action | None = None
    content: Content | None = None
    facts: Annotated[list[Fact], Field(max_length=200, default_factory=list)]
    narrative: Long | None = None
    conversation: Annotated[list[Message], Field(max_length=1_000, default_factory=list)]
    done: Annotated[list[Done], Field(max_length=1_000, default_factory=list)]
    signals: Annotated[list[Signal], Field(max_length=500, default_factory=list)]
    reports: Annotated[list[Report], Field(max_length=500, default_factory=list)]
    reason: Why | None = None
    alternatives: Annotated[list[Long], Field(max_length=50, default_factory=list)]
    reach: Reach | None = None
    preconditions: Annotated[list[Precondition], Field(max_length=50, default_factory=list)]


class NewItem(Asked):
    """One request for a person's decision."""

    queue: Name
    kind: Kind
    risk: Annotated[Risk, Field(default_factory=Risk)]
    language: Language | None = None
    requires: Annotated[list[Tag], Field(max_length=20, default_factory=list)]
    subjects: Annotated[list[Tag], Field(max_length=100, default_factory=list)]
    purposes: Annotated[list[Short], Field(max_length=20, default_factory=list)]
    run: Annotated[Run, Field(default_factory=Run)]
    due_in_s: Seconds | None = None
    stale_in_s: Seconds | None = None
    expires_in_s: Seconds | None = None
    on_expiry: Literal["reject", "approve", "escalate", "withdraw"] | None = None
    supersedes: UUID | None = None

    def ask(self, key: str) -> Ask:
        """Return the request as the flows take it.

        Raises: InvalidRequest.
        """
        if self.kind is Kind.APPROVAL and self.action is None:
            raise invalid("/action", "an approval says what would be done")
        if self.kind is Kind.MODERATION and self.content is None:
            raise invalid("/content", "a moderation item says what is to be moderated")
        document = self.model_dump(mode="json", exclude_unset=True)
        return Ask(
            key=key,
            document=document,
            queue=self.queue,
            kind=self.kind,
            title=self.title,
            action=document.get("action"),
            content=document.get("content"),
            fetched=tuple(fact.fetched_at for fact in self.facts),
            risk_tier=self.risk.tier if "risk" in document else None,
            reversible=self.risk.reversible,
            rollback=self.risk.rollback,
            language=self.language,
            requires=tuple(self.requires),
            run_id=self.run.run_id,
            delegated_by=self.run.delegated_by,
            due_in_s=self.due_in_s,
            stale_in_s=self.stale_in_s,
            expires_in_s=self.expires_in_s,
            on_expiry=self.on_expiry,
            supersedes=None if self.supersedes is None else ItemId(self.supersedes),
        )


class Revised(Asked):
    """What changes: whole top-level fields, each replacing the old one."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=300)] = "unchanged"
    stale_in_s: Seconds | None = None

    def change(self) -> Change:
        """Return the change as the flows take it.

        Raises: InvalidRequest.
        """
        fields = self.model_dump(mode="json", exclude_unset=True, exclude={"stale_in_s"})
        if not fields:
            raise invalid("/", "says nothing that would change")
        for name in ("action", "content"):
            if name in fields and fields[name] is None:
                raise invalid(f"/{name}", "cannot be taken away; withdraw the item instead")
        return Change(fields, tuple(fact.fetched_at for fact in self.facts), self.stale_in_s)


class Answered(Wire):
    """An agent's answer to a reviewer's question, with fresh facts where it has them."""

    answer: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    facts: Annotated[list[Fact], Field(max_length=200, default_factory=list)]
    stale_in_s: Seconds | None = None

    def change(self) -> Change:
        """Return the accompanying change as the flows take it."""
        fields = self.model_dump(mode="json", exclude_unset=True, include={"facts"})
        return Change(fields, tuple(fact.fetched_at for fact in self.facts), self.stale_in_s)
