"""/healthz, /readyz and /problems: for operators, load balancers and whoever was refused."""

from litestar import MediaType, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from review.door import Door
from review.kernel.problems import Problem


@get("/healthz", tags=["operation"])
async def healthz() -> dict[str, str]:
    """Answer that this process runs; it asks nobody else."""
    return {"status": "ok"}


@get("/readyz", tags=["operation"])
async def readyz(door: NamedDependency[Door]) -> dict[str, str]:
    """Answer that requests can be served: PostgreSQL answers as the confined role."""
    async with door.db.read() as tx:
        role = await tx.fetchval("SELECT current_user::text")
    return {"status": "ok", "role": role}


@get("/problems/{code:str}", tags=["operation"], media_type=MediaType.TEXT)
async def problem_page(code: FromPath[str]) -> str:
    """Explain a problem code: what it means and what to do."""
    for problem in every_problem():
        if problem.code() == code:
            return f"{problem.code()}\n\n{problem.sentence()}\n\n{problem.explanation()}\n"
    raise NotFoundException(f"no problem is called {code}")


def every_problem(root: type[Problem] = Problem) -> list[type[Problem]]:
    """Return every kind of refusal this service knows, by name."""
    found = {leaf for child in root.__subclasses__() for leaf in [child, *every_problem(child)]}
    return sorted(found, key=lambda problem: problem.__name__)
