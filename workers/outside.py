"""Calls to addresses that other people chose.

The name is resolved once, every address is judged by `review.delivery.targets`, and the connection
goes to the number that was judged: a name that resolves differently a moment later changes nothing.
Host header, TLS server name and certificate check stay those of the name. No proxy, no redirect,
no cookie, no second request on a connection.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from typing import TypeAlias

import httpx

from review.delivery.answers import Answer
from review.delivery.targets import Address, Target, TargetRefused
from review.infra.settings import Reach

log = logging.getLogger(__name__)

TIMEOUT_S = 15.0
CONNECT_S = 5.0
POLITE_S = 1.0  # how long we listen to the rest of an answer, which means nothing to us
POLITE_BYTES = 4_096
MOST_ADDRESSES = 3  # tried in turn while none can be connected to
USER_AGENT = "review-webhooks/1"

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[Address]]]


class Unresolved(Exception):  # noqa: N818 - it says what happened
    """The name stands for no address."""


async def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses a name stands for at the moment, as this machine sees it.

    Raises: Unresolved.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolved from error
    return list(dict.fromkeys(ip_address(place[0]) for *_, place in found))


class Outside:
    """The way out."""

    def __init__(
        self, reach: Reach, *, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None
    ) -> None:
        self._reach = reach
        self._resolve = resolve
        self._tls = tls or httpx.create_ssl_context(trust_env=False)

    async def post(self, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Send a body to an address and return how that ended; nothing is raised for its sake."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        status, retry_after, error = None, None, None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                response = await self._post(Target.read(url), headers, content)
            status, retry_after = response.status_code, response.headers.get("retry-after")
        except TargetRefused as refusal:
            error = f"refused: the address {refusal.facts['errors'][0]['message']}"
        except Unresolved:
            error = "the name of the host cannot be resolved"
        except (TimeoutError, httpx.TimeoutException):
            error = "no answer in time"
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as failure:
            error = _said(failure)
        took_ms = round((loop.time() - began) * 1_000)
        return Answer(took_ms, status, error, retry_after and retry_after[:64])

    async def _post(
        self, target: Target, headers: Mapping[str, str], content: bytes
    ) -> httpx.Response:
        """Post to the first address that can be connected to, of those that may be called."""
        addresses = await self._addresses(target)
        for address in addresses[:-1]:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._post_at(address, target, headers, content)
        return await self._post_at(addresses[-1], target, headers, content)

    async def _addresses(self, target: Target) -> list[Address]:
        """Return the addresses of a target that may be called; there is at least one.

        Raises: TargetRefused, Unresolved.
        """
        target.check(self._reach)
        literal = target.literal
        found = [literal] if literal else await self._resolve(target.host, target.port)
        allowed, refusal = list[Address](), None
        for address in found:
            try:
                target.check_at(address, self._reach)
                allowed.append(address)
            except TargetRefused as problem:
                refusal = problem
                log.warning("%s stands for %s, which may not be called", target.host, address)
        if not allowed:
            raise refusal or Unresolved
        return allowed[:MOST_ADDRESSES]

    async def _post_at(
        self, address: Address, target: Target, headers: Mapping[str, str], content: bytes
    ) -> httpx.Response:
        told = {
            "host": target.authority,
            "user-agent": USER_AGENT,
            "accept-encoding": "identity",
            "connection": "close",
            **headers,
        }
        client = httpx.AsyncClient(
            verify=self._tls,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_S),
        )
        name = {"sni_hostname": target.host}
        async with (
            client,
            client.stream(
                "POST", target.at(address), content=content, headers=told, extensions=name
            ) as response,
        ):
            await _hear_out(response)
        return response


async def _hear_out(response: httpx.Response) -> None:
    """Read a little of the answer, as it comes, so that a polite receiver is not cut short."""
    size = 0
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(POLITE_S):
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > POLITE_BYTES:
                    return


def _said(failure: BaseException) -> str:
    """Return what went wrong, in words that do not tell what our own network looks like."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate was not accepted: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(failure, httpx.ConnectError):
        return "it cannot be connected to"
    return f"the exchange failed: {type(failure).__name__}"
