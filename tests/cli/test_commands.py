"""The command line: what an operator types, what comes back on stdout, stderr and as exit code."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner, Result

from review.cli.main import main
from review.door import sign_in_with
from review.identity import queries as identity
from review.identity.credentials import Presented, SignInNeeded, WrongLogIn
from review.infra.db import Database
from tests.conftest import Backends
from tests.makers import REFUNDS, SECRET

PASSWORD = "a phrase of my own"

Review: TypeAlias = Callable[..., Coroutine[Any, Any, Result]]


def environment(database_url: str, redis_url: str) -> dict[str, str | None]:
    """What an operator sets; None unsets."""
    given = {name: None for name in os.environ if name.startswith("REVIEW_")}
    urls = {"DATABASE_URL": database_url, "MIGRATIONS_URL": None, "REDIS_URL": redis_url}
    return {**given, **urls, "REVIEW_SECRET_KEY": SECRET}


@pytest.fixture
def review(backends: Backends, database_url: str) -> Review:
    """Type a command, on a database of one's own."""
    env = environment(database_url, backends.redis)

    async def typed(*words: str, said: str = "", **changes: str | None) -> Result:
        def run() -> Result:
            return CliRunner().invoke(main, words, input=said, env={**env, **changes})

        return await asyncio.to_thread(run)

    return typed


@pytest.fixture
async def acme(review: Review) -> Review:
    """The same, with one workspace that need not be named."""
    founded = await review("workspace", "create", "acme")
    assert founded.exit_code == 0, founded.output
    return review


async def add_ada(acme: Review, *more: str) -> Result:
    who = ("member", "add", "ada@example.com", "--name", "Ada", "--role", "reviewer")
    return await acme(*who, "--password-file", "-", *more, said=f"{PASSWORD}\n")


async def signed_in(db: Database, password: str = PASSWORD) -> bool:
    try:
        await sign_in_with(db, "ada@example.com", password)
    except WrongLogIn:
        return False
    return True


async def test_workspaces_are_founded_and_listed(acme: Review) -> None:
    listed = await acme("workspace", "list")
    assert listed.stdout.splitlines()[1].split()[0] == "acme"
    twice = await acme("workspace", "create", "acme")
    assert twice.exit_code == 1
    assert "This name or e-mail address is taken." in twice.stderr
    assert "name: acme" in twice.stderr


async def test_a_workspace_is_named_once_there_are_two(acme: Review) -> None:
    other = (await acme("workspace", "create", "other")).stdout.strip()
    unnamed = await acme("queue", "list")
    assert unnamed.exit_code == 1
    assert "workspaces: acme, other" in unnamed.stderr
    assert (await acme("queue", "list", "--workspace", other)).exit_code == 0
    assert (await acme("queue", "list", REVIEW_WORKSPACE="acme")).exit_code == 0
    missing = await acme("queue", "list", "-w", "nowhere")
    assert "There is no such workspace." in missing.stderr


async def test_a_person_who_was_added_signs_in(acme: Review, db: Database) -> None:
    added = await add_ada(acme, "--skill", "lang:de")
    assert added.exit_code == 0, added.stderr
    assert PASSWORD not in added.output
    assert await signed_in(db)
    listed = await acme("member", "list")
    assert listed.stdout.splitlines()[1].split() == [
        *("ada@example.com", "Ada", "reviewer", "lang:de", "-")
    ]


async def test_a_generated_password_is_all_that_goes_to_stdout(acme: Review, db: Database) -> None:
    await add_ada(acme)
    changed = await acme("member", "set-password", "ada@example.com", "--generate-password")
    assert changed.exit_code == 0, changed.stderr
    assert not await signed_in(db)
    assert await signed_in(db, changed.stdout.removesuffix("\n"))


async def test_roles_are_replaced_and_people_disabled(acme: Review, db: Database) -> None:
    await add_ada(acme)
    changed = await acme("member", "set-roles", "ADA@example.com", "--role", "lead")
    assert "is now lead" in changed.stderr
    assert (await acme("member", "disable", "ada@example.com")).exit_code == 0
    assert not await signed_in(db)
    again = await acme("member", "disable", "ada@example.com")
    assert "There is no such person in this workspace." in again.stderr


async def test_a_password_is_never_guessed_at(acme: Review) -> None:
    who = ("member", "add", "ada@example.com", "--name", "Ada", "--role", "reviewer")
    nobody = await acme(*who)
    assert nobody.exit_code == 2
    assert "--password-file or --generate-password" in nobody.stderr
    short = await acme(*who, "--password-file", "-", said="short\n")
    assert short.exit_code == 1
    assert "/password: must have at least 12 characters" in short.stderr


async def test_a_key_goes_to_stdout_alone_and_works_until_it_is_revoked(
    acme: Review, db: Database
) -> None:
    made = await acme("key", "create", "bot", "--scope", "read", "--expires-in", "90d")
    presented = Presented.read(made.stdout.removesuffix("\n"))
    async with db.read(presented.workspace) as tx:
        assert (await identity.actor_of(tx, presented)).name == "bot"
    listed = await acme("key", "list")
    assert made.stdout.strip() not in listed.output
    assert presented.prefix in listed.stdout
    assert (await acme("key", "revoke", presented.prefix)).exit_code == 0
    with pytest.raises(SignInNeeded):
        async with db.read(presented.workspace) as tx:
            await identity.actor_of(tx, presented)
    again = await acme("key", "revoke", presented.prefix)
    assert again.exit_code == 1


async def test_a_queue_is_opened_from_a_file_and_gets_versions(acme: Review) -> None:
    document = {**REFUNDS, "escalates_to": "refunds"}
    opened = await acme("queue", "create", "refunds", "-", said=json.dumps(document))
    assert opened.exit_code == 0, opened.stderr
    changed = await acme("queue", "configure", "refunds", "-", said=json.dumps(document))
    assert "is at version 2" in changed.stderr
    listed = await acme("queue", "list")
    assert listed.stdout.splitlines()[1].split()[:4] == ["refunds", "payments-ops", "2", "0"]


async def test_a_field_no_queue_knows_is_named_and_nothing_is_opened(acme: Review) -> None:
    document = {**REFUNDS, "onwer": "me"}
    refused = await acme("queue", "create", "refunds", "-", said=json.dumps(document))
    assert refused.exit_code == 1
    assert "/onwer: is not a field of a queue's configuration" in refused.stderr
    assert len((await acme("queue", "list")).stdout.splitlines()) == 1
    broken = await acme("queue", "create", "refunds", "-", said="{")
    assert broken.exit_code == 2
    assert "is not JSON" in broken.stderr


@pytest.mark.parametrize("variable", ["REDIS_URL", "REVIEW_SECRET_KEY"])
def test_a_setting_that_is_missing_is_named(variable: str) -> None:
    env = environment("postgresql://me@127.0.0.1:1/x", "redis://127.0.0.1:1/0")
    for command in (["serve"], ["worker"], ["workspace", "list"]):
        refused = CliRunner().invoke(main, command, env={**env, variable: None})
        assert refused.exit_code == 1
        assert "review: A setting is missing." in refused.stderr
        assert f"variable: {variable}" in refused.stderr


async def test_every_command_explains_itself(review: Review) -> None:
    shown = await review("--help")
    assert shown.exit_code == 0
    for command in ("serve", "worker", "migrate", "demo", "workspace", "member", "key", "queue"):
        assert f"\n  {command} " in shown.stdout
        assert (await review(command, "--help")).exit_code == 0


async def test_nothing_is_served_before_it_is_migrated(review: Review, backends: Backends) -> None:
    empty = f"review_cli_{os.getpid()}"
    await backends.admin(f"CREATE DATABASE {empty}")
    try:
        url = backends.database(empty)
        refused = await review("workspace", "list", DATABASE_URL=url)
        assert "schema is older than this program" in refused.stderr
        migrated = await review("migrate", DATABASE_URL=url)
        assert "The schema is at" in migrated.stdout
        assert (await review("workspace", "list", DATABASE_URL=url)).exit_code == 0
    finally:
        await backends.admin(f"DROP DATABASE {empty} WITH (FORCE)")


async def test_a_database_that_is_not_there_is_a_sentence(review: Review) -> None:
    refused = await review("workspace", "list", DATABASE_URL="postgresql://me@127.0.0.1:1/x")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("review: The database cannot be reached at the moment.")
