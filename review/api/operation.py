"""/healthz, /readyz and /problems: for operators, load balancers and whoever was refused."""

from http import HTTPStatus

from litestar import MediaType, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from review.api.problems import code_of
from review.api.reference import every_problem, page
from review.door import Door


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
            return page(problem)
    for status in HTTPStatus:
        if code_of(status) == code:
            return f"# {code}\n\n{status.phrase}: {status.description or 'see RFC 9110'}.\n"
    raise NotFoundException
