"""House rules that no linter knows."""

import ast
from pathlib import Path

import pytest

from review import app
from review.api.reference import every_problem, pages

ROOT = Path(__file__).parent.parent
ROOTS = ("review", "ui", "workers", "migrations", "tests", "bench")
FILES = sorted(path for root in ROOTS for path in (ROOT / root).rglob("*.py"))
PURE = [p for p in FILES if p.relative_to(ROOT).parts[0] == "review" and len(p.parts) > 2]


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)} | {
        a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_on_a_few_screens(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_sql_lives_in_tables_and_queries(path: Path) -> None:
    if path.name == "tables.py" or path.stem.endswith("queries") or "infra" in path.parts:
        return
    assert not {m for m in imports(path) if m.partition(".")[0] in {"sqlalchemy", "asyncpg"}}


def test_every_problem_has_one_sentence_and_one_code() -> None:
    assert app  # imports every floor, and so every problem
    problems = every_problem()
    assert len({one.code() for one in problems}) == len(problems) > 20
    assert not [one for one in problems if not one.sentence().endswith(".")]


def test_the_problem_pages_are_those_of_the_code() -> None:
    written = {path.name: path.read_text() for path in (ROOT / "docs" / "problems").glob("*.md")}
    assert written == pages()  # `make docs` writes them
