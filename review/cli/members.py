"""review member: the people of a workspace."""

import sys
from collections.abc import Callable
from typing import Any, TextIO

import click

from review.cli.operating import operate, workspace_option
from review.cli.plain import PlainGroup, table
from review.flows.administer import add_member
from review.flows.manage_members import (
    change_member,
    disable_member,
    reset_password,
    see_members,
)
from review.identity import member_queries
from review.identity.actors import Actor
from review.identity.member_queries import Member
from review.identity.roles import Role
from review.infra.db import Tx
from review.infra.ids import fresh_secret
from review.kernel.ids import ActorId

MOST_LISTED = 1_000


@click.group(cls=PlainGroup)
def member() -> None:
    """Add, list, change and disable people.

    Roles:
      reviewer  takes items and decides on them
      lead      reviews, and looks after queues
      admin     looks after people, keys and queues; does not review
      auditor   reads everything and changes nothing
    """


def password_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a password come from a file, from chance, or from a prompt."""
    generate = click.option(
        "--generate-password", is_flag=True, help="Make a password and print it, once, to stdout."
    )
    file = click.option(
        "--password-file",
        type=click.File("r"),
        metavar="FILE",
        help="Read the password from the first line of FILE; - is stdin.",
    )
    return generate(file(command))


role_option = click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    required=True,
    help="What the person is; may be given several times.",
)


@member.command()
@click.argument("email")
@click.option("--name", required=True, help="What others see.")
@role_option
@click.option("--skill", "skills", multiple=True, help="Such as lang:de; may be repeated.")
@password_options
@workspace_option
def add(
    email: str,
    *,
    name: str,
    roles: tuple[str, ...],
    skills: tuple[str, ...],
    password_file: TextIO | None,
    generate_password: bool,
    workspace: str | None,
) -> None:
    """Add a person who signs in with EMAIL.

    The password is asked for, unless it comes from a file or is generated. It is never taken from
    the command line, where others could read it.

    For example:
      review member add ada@example.com --name Ada --role reviewer --skill lang:de
      review member add eve@example.com --name Eve --role admin --generate-password
      pass bo | review member add bo@example.com --name Bo --role lead --password-file -
    """
    password = _password(password_file, generate=generate_password)

    async def act(tx: Tx, operator: Actor) -> ActorId:
        return await add_member(
            tx,
            operator,
            email=email,
            name=name,
            password=password,
            roles=[Role(role) for role in roles],
            skills=skills,
        )

    operate(workspace, act)
    _tell(password, f"{email} can sign in now.", generated=generate_password)


@member.command("list")
@workspace_option
def list_(workspace: str | None) -> None:
    """List the people of a workspace."""

    async def act(tx: Tx, operator: Actor) -> list[Member]:
        return await see_members(tx, operator, after=None, limit=MOST_LISTED)

    rows = [
        [one.email, one.name, one.roles, one.skills, one.disabled_at]
        for one in operate(workspace, act)
    ]
    click.echo(table(["email", "name", "roles", "skills", "disabled"], rows))


@member.command("set-roles")
@click.argument("email")
@role_option
@workspace_option
def set_roles(email: str, *, roles: tuple[str, ...], workspace: str | None) -> None:
    """Give the person who signs in with EMAIL these roles instead of those they have.

    For example:
      review member set-roles ada@example.com --role reviewer --role lead
    """

    async def act(tx: Tx, operator: Actor) -> Member:
        known = await member_queries.with_email(tx, email)
        wanted = [Role(role) for role in roles]
        return await change_member(tx, operator, known.person_id, roles=wanted)

    click.echo(f"{email} is now {', '.join(operate(workspace, act).roles)}.", err=True)


@member.command("set-password")
@click.argument("email")
@password_options
@workspace_option
def set_password(
    email: str,
    *,
    password_file: TextIO | None,
    generate_password: bool,
    workspace: str | None,
) -> None:
    """Give the person who signs in with EMAIL another password; their sessions end.

    For example:
      review member set-password ada@example.com --generate-password
    """
    password = _password(password_file, generate=generate_password)

    async def act(tx: Tx, operator: Actor) -> None:
        known = await member_queries.with_email(tx, email)
        await reset_password(tx, operator, known.person_id, password)

    operate(workspace, act)
    _tell(password, f"{email} signs in with the new password now.", generated=generate_password)


@member.command()
@click.argument("email")
@workspace_option
def disable(email: str, *, workspace: str | None) -> None:
    """Let the person who signs in with EMAIL in no longer; their sessions end at once."""

    async def act(tx: Tx, operator: Actor) -> None:
        known = await member_queries.with_email(tx, email)
        await disable_member(tx, operator, known.person_id)

    operate(workspace, act)
    click.echo(f"{email} is let in no longer.", err=True)


def _password(file: TextIO | None, *, generate: bool) -> str:
    """Return the password a person is to have."""
    if file is not None and generate:
        raise click.UsageError("--password-file and --generate-password exclude each other.")
    if generate:
        return fresh_secret()
    if file is not None:
        return file.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to ask: --password-file or --generate-password.")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


def _tell(password: str, sentence: str, *, generated: bool) -> None:
    """Say on stderr what was done, so that stdout is the password alone, if it is told at all."""
    click.echo(sentence, err=True)
    if generated:
        click.echo("Their password, shown only now:", err=True)
        click.echo(password)
