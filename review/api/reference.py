"""Every refusal this service knows, as a page each: written from the code, so they cannot differ.

`make docs` writes them to `docs/problems/`; `GET /problems/{code}` answers with the same text.
"""

import importlib
import pkgutil
from pathlib import Path

import review
from review.infra.status import STATUS
from review.kernel.problems import Problem


def every_problem(root: type[Problem] = Problem) -> list[type[Problem]]:
    """Return every kind of refusal, by name."""
    found = {leaf for child in root.__subclasses__() for leaf in [child, *every_problem(child)]}
    ours = [one for one in found if one.__module__.startswith("review.")]
    return sorted(ours, key=lambda problem: problem.__name__)


def import_everything() -> None:
    """Import every module of the service, so that every refusal is known, wherever it is raised."""
    for module in pkgutil.walk_packages(review.__path__, "review."):
        importlib.import_module(module.name)


def page(problem: type[Problem]) -> str:
    """Return what one refusal means and what to do about it, as Markdown."""
    status = STATUS[problem.kind]
    again = "yes" if problem.retryable else "no"
    facts = f"Status {status.value} {status.phrase} · sending it again unchanged may work: {again}"
    parts = [f"# {problem.code()}", problem.sentence(), facts, problem.explanation()]
    return "\n\n".join(part for part in parts if part) + "\n"


def index() -> str:
    """Return the list of all refusals, as Markdown."""
    rows = [
        f"| [{one.code()}]({one.code()}.md) | {STATUS[one.kind].value} | {one.sentence()} |"
        for one in every_problem()
    ]
    head = ["# Problems", "Written by `make docs` from the code.", ""]
    return "\n".join([*head, "| code | status | meaning |", "| --- | --- | --- |", *rows, ""])


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    import_everything()
    return {"README.md": index(), **{f"{one.code()}.md": page(one) for one in every_problem()}}


def write(folder: Path) -> None:
    """Write the pages to a folder and remove those of refusals that no longer exist."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for old in folder.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text)
