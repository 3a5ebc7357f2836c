"""review key: what agents sign in with."""

import re
from datetime import timedelta

import click

from review.cli.operating import operate, workspace_option
from review.cli.plain import PlainGroup, table
from review.flows.administer import NewKey, issue_key, revoke_key, see_keys
from review.identity.actors import Actor
from review.identity.key_queries import Key
from review.identity.roles import Scope
from review.infra.db import Tx

MOST_LISTED = 1_000
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Span(click.ParamType[timedelta]):
    """A length of time such as 30m, 12h or 90d."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return what was meant."""
        found = re.fullmatch(r"([1-9]\d{0,4})([mhd])", str(value))
        if found is None:
            self.fail(f"{value!r} is not a length of time such as 30m, 12h or 90d.", param, ctx)
        return timedelta(**{UNITS[found[2]]: int(found[1])})


@click.group(cls=PlainGroup)
def key() -> None:
    """Hand out, list and revoke the keys of agents.

    An agent sends its key as `Authorization: Bearer <key>`. The key is shown once: only a digest of
    it is kept, and its prefix to recognise it by.

    Scopes:
      submit   ask for decisions and hear them
      read     read items
      operate  look after queues and subscriptions
    """


@key.command()
@click.argument("agent")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=[Scope.SUBMIT.value],
    show_default=True,
    help="What the key is good for; may be given several times.",
)
@click.option("--expires-in", type=Span(), help="Such as 12h or 90d; without it, never.")
@workspace_option
def create(
    agent: str, *, scopes: tuple[str, ...], expires_in: timedelta | None, workspace: str | None
) -> None:
    """Hand out a key to AGENT, who joins if it is new; the key alone goes to stdout.

    For example:
      review key create support-bot --expires-in 90d
      KEY=$(review key create ci-bot --scope submit --scope operate)
    """

    async def act(tx: Tx, operator: Actor) -> NewKey:
        return await issue_key(
            tx,
            operator,
            agent=agent,
            scopes=[Scope(scope) for scope in scopes],
            expires_at=None if expires_in is None else tx.now + expires_in,
        )

    fresh = operate(workspace, act)
    click.echo(f"A key for {agent}, prefix {fresh.key.prefix}, shown only now:", err=True)
    click.echo(fresh.token)


@key.command("list")
@workspace_option
def list_(workspace: str | None) -> None:
    """List the keys of a workspace, newest first."""

    async def act(tx: Tx, operator: Actor) -> list[Key]:
        return await see_keys(tx, operator, before=None, limit=MOST_LISTED)

    rows = [
        [one.prefix, one.agent, one.scopes, one.created_at, one.expires_at, one.revoked_at]
        for one in operate(workspace, act)
    ]
    click.echo(table(["prefix", "agent", "scopes", "created", "expires", "revoked"], rows))


@key.command()
@click.argument("prefix")
@workspace_option
def revoke(prefix: str, *, workspace: str | None) -> None:
    """Take back the key with this PREFIX; the next request that carries it is refused."""

    async def act(tx: Tx, operator: Actor) -> None:
        await revoke_key(tx, operator, prefix)

    operate(workspace, act)
    click.echo(f"The key {prefix} is revoked.", err=True)
