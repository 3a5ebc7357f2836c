"""Turning values into pages: one environment, escaping always on."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader
from litestar import MediaType, Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from review.queue.ordering import words
from ui.conversation import turns
from ui.frame import free
from ui.inert import inert
from ui.values import editable, exact, short, structure, table

HERE = Path(__file__).parent
STATIC = HERE / "static"


def version_of(folder: Path) -> str:
    """Return a name for the present content of a folder, so that browsers may keep it for ever."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


STATIC_PATH = f"/static/{version_of(STATIC)}"


def ago(at: datetime, now: datetime) -> Markup:
    """Return an instant as a person says it, with the exact one beside it."""
    seconds = int((now - at).total_seconds())
    near = "just now" if seconds == 0 else words(abs(seconds))
    said = near if seconds == 0 else (f"{near} ago" if seconds > 0 else f"in {near}")
    sharp = at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Markup(
        '<time datetime="{}" title="{}">'
        '<span data-ago>{}</span><span class="sr"> ({})</span></time>'
    ).format(at.isoformat(), sharp, said, sharp)


def instant(text: object) -> datetime | None:
    """Return the instant a submitted string spells, or None if it spells none with a zone."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def spaced(name: object) -> str:
    """Return an identifier as words: `near_boundary` is near boundary."""
    return str(name).replace("_", " ")


FILTERS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "editable": editable,
    "exact": exact,
    "free": free,
    "inert": inert,
    "short": short,
    "spaced": spaced,
    "structure": structure,
    "table": table,
    "turns": turns,
    "words": words,
}


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= FILTERS
    names = cast("dict[str, Any]", made.globals)
    names |= {"static": STATIC_PATH, "instant": instant}
    return made


ENVIRONMENT = _environment()


def html(
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    cookies: list[Cookie] | None = None,
    **context: Any,  # noqa: ANN401 - whatever the template names
) -> Response[str]:
    """Render one template. Pages hold other people's data: nobody on the way keeps a copy."""
    return Response(
        ENVIRONMENT.get_template(template).render(context),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Cache-Control": "no-store", "Vary": "HX-Request", **(headers or {})},
        cookies=cookies,
    )
