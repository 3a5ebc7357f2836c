"""review: the command line, for the people who run the service."""

from importlib.metadata import version

import click

from review.cli.demo.command import demo
from review.cli.keys import key
from review.cli.members import member
from review.cli.plain import PlainGroup
from review.cli.queues import queue
from review.cli.running import migrate, serve, worker
from review.cli.workspaces import workspace

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=PlainGroup, context_settings=CONTEXT)
@click.version_option(version("review"), prog_name="review")
def main() -> None:
    """Run a review queue between software that asks and people who decide.

    To look at it, with people, items and an agent at work:
      review demo

    To run it, give every command the same environment:
      DATABASE_URL       PostgreSQL 15 or newer, as the role that serves
      MIGRATIONS_URL     the same database as the role that owns the tables; else DATABASE_URL
      REDIS_URL          Redis 7 or newer: wake-ups only, nothing is kept there
      REVIEW_SECRET_KEY  32 or more random characters
      REVIEW_PUBLIC_URL  the address people use: https://review.example.com
    then, once:
      review migrate
      review workspace create acme
      review member add ada@example.com --name Ada --role admin
      review key create support-bot
    and, for as long as it runs:
      review serve
      review worker

    Without DATABASE_URL every command starts a PostgreSQL and a Redis of its own and keeps their
    data in REVIEW_DATA (.review).
    """


for command in (demo, serve, worker, migrate, workspace, member, key, queue):
    main.add_command(command)

if __name__ == "__main__":
    main()
