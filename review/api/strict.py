"""What a request says is read strictly, before any handler sees it."""

from review.door import SAFE, AnyRequest
from review.intake.strict import NUL, NotJson, check
from review.kernel.problems import invalid

API = "/v1/"  # under it every body is JSON, and says so


async def read_strictly(request: AnyRequest) -> None:
    """Return quietly if the request means one thing only.

    A body under /v1 must call itself JSON: a page of another site cannot send that unasked.

    Raises: NotJson, InvalidRequest.
    """
    path: str = request.scope["path"]
    for place, sent in (("path", path.encode()), ("query", request.scope["query_string"])):
        if b"\x00" in sent or b"%00" in sent:
            raise invalid(place, NUL)
    if request.method in SAFE or not path.startswith(API):
        return
    body = await request.body()
    if not body:
        return
    said = request.headers.get("content-type", "application/json")
    if "json" not in said.lower():
        message = f"{said[:100]} is not application/json"
        raise NotJson(errors=[{"pointer": "header/Content-Type", "message": message}])
    check(body)
