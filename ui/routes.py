"""What the composition root mounts: the pages, their assets, and the headers of every answer."""

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.static_files import (
    create_static_files_router,  # pyright: ignore[reportUnknownVariableType]
)
from litestar.types import Message, Scope

from ui.dead_letters import dead_letters, replay_letter
from ui.items import item_page
from ui.lists import item_list, newer, overview, queue_list
from ui.live import live
from ui.problems import HANDLERS
from ui.rendering import STATIC, STATIC_PATH
from ui.reviewing import decide_on, keep, let_go, review_page, take_next
from ui.sign_in import sign_in_form, sign_in_page, sign_out_form

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

SECURITY = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

PAGES = Router(
    path="/",
    route_handlers=[
        overview,
        item_list,
        newer,
        queue_list,
        item_page,
        review_page,
        take_next,
        decide_on,
        let_go,
        keep,
        live,
        dead_letters,
        replay_letter,
        sign_in_page,
        sign_in_form,
        sign_out_form,
    ],
    exception_handlers={**HANDLERS},
)
ASSETS = create_static_files_router(
    path=STATIC_PATH,
    directories=[STATIC],
    cache_control=CacheControlHeader(max_age=31_536_000, public=True, immutable=True),
)
ROUTES = [PAGES, ASSETS]


async def secure(message: Message, _scope: Scope) -> None:
    """Put the security headers on every answer, refusals and files included."""
    if message["type"] == "http.response.start":
        given = list(message.get("headers", ()))
        names = {name.lower() for name, _ in given}
        message["headers"] = given + [one for one in SECURITY if one[0] not in names]
