"""Where a browser may be sent, and from where it may be coming."""

import re
from urllib.parse import quote, urlsplit

from review.door import AnyRequest
from review.kernel.problems import Kind, Problem

LOCAL = re.compile(r"^/(?![/\\])[\x21-\x5b\x5d-\x7e]*$")
HOME = "/"


class ForeignForm(Problem):
    """This log-in form was sent from another site.

    Somebody else's page could otherwise sign you in under an account of theirs. Open the sign-in
    page of this service itself and try again.
    """

    kind = Kind.FORBIDDEN


def local(path: str | None) -> str:
    """Return a path of this service, or home when it is anything else.

    >>> local("/review/refunds?item=1"), local("https://evil.example"), local("//evil.example")
    ('/review/refunds?item=1', '/', '/')
    """
    fits = path is not None and LOCAL.match(path) is not None
    return path if fits and path is not None and not path.startswith("/sign-") else HOME


def sign_in_at(path: str) -> str:
    """Return the address of the sign-in page that leads on to a path."""
    wanted = local(path)
    return "/sign-in" if wanted == HOME else f"/sign-in?next={quote(wanted, safe='/')}"


def ensure_own_form(request: AnyRequest) -> None:
    """Return quietly unless a browser says that a form was sent from another site.

    Browsers that send neither header are older than 2020; programs send neither, and hold no
    cookie that another site could plant.

    Raises: ForeignForm.
    Source: OWASP CSRF Prevention Cheat Sheet, Fetch Metadata and verifying the origin.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignForm(site=site)
    elif origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForeignForm(origin=origin)
