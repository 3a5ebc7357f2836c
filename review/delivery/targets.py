"""Where webhooks may go: public places over TLS, and what else the operator admits.

Addresses are judged here and connected to elsewhere (`workers/outside.py`), so that the rules can
be read, and tested, in one place. A name is judged by what it resolves to, at every delivery anew.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

from review.infra.settings import Reach
from review.kernel.problems import Kind, Problem

Address: TypeAlias = IPv4Address | IPv6Address

PORTS = {"http": 80, "https": 443}
UNPRIVILEGED = 1024
LONGEST = 2_000
# Printable ASCII that every parser of URLs reads alike: no backslash, no space, no fragment.
PLAIN = re.compile(r"https?://[A-Za-z0-9.\-_:\[\]]+(?:[/?][A-Za-z0-9!$%&'()*+,\-./:;=?@_~]*)?")
NAME = re.compile(
    r"(?!.{254})(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z][a-z0-9-]{0,62}\.?"
)

NAT64 = ip_network("64:ff9b::/96")
UNICAST = ip_network("2000::/3")  # all IPv6 that is handed out to anybody
SPECIAL = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # a cloud's own services for its machines, at a public address
        "3fff::/20",  # documentation
    )
)


class TargetRefused(Problem):
    """Webhooks may not be sent to this address.

    They go to public addresses over `https`, to port 443 or one from 1024 up. What is private,
    loopback, link-local, multicast or reserved is refused, when you subscribe and again whenever a
    message is sent, unless the operator admits it with `REVIEW_WEBHOOK_ALLOW`. Redirects are not
    followed. `errors` says what is wrong with this one.
    """

    kind = Kind.INVALID


def refused(why: str) -> TargetRefused:
    """Return the refusal of a target."""
    return TargetRefused(errors=[{"pointer": "/url", "message": why}])


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's address taken apart: `path` is all that follows the authority."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def read(cls, url: str) -> "Target":
        """Take an address apart, if every parser would take it apart alike.

        >>> Target.read("https://Hook.example/in?a=1")
        Target(scheme='https', host='hook.example', port=443, path='/in?a=1')

        Raises: TargetRefused.
        """
        if len(url) > LONGEST or not PLAIN.fullmatch(url):
            raise refused("is not a plain http or https address in ASCII, without credentials")
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise refused("is not an address") from None
        if port == 0 or not (NAME.fullmatch(host) or _literal(host)):
            raise refused("names neither a host nor an address")
        path = url.partition("://")[2][len(parts.netloc) :]
        path = path if path.startswith("/") else f"/{path}"
        return cls(parts.scheme, host, port or PORTS[parts.scheme], path)

    @property
    def literal(self) -> Address | None:
        """The address that the host already is, if it is one."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return IPv4Address("127.0.0.1")
        return _literal(self.host)

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: Address) -> str:
        """Return the same place spelled by the number of its host."""
        host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    def check(self, reach: Reach) -> None:
        """Return quietly unless it is certain, before any name is resolved, that this is refused.

        Raises: TargetRefused.
        """
        if self.literal is not None:
            self.check_at(self.literal, reach)
        elif not reach.networks and not {(self.host, self.port), (self.host, None)} & reach.hosts:
            self._check_manners()

    def check_at(self, address: Address, reach: Reach) -> None:
        """Return quietly if this place may be called at the address its host stands for.

        Raises: TargetRefused.
        """
        inner = unwrapped(address)
        if any(reach.admits(self.host, self.port, one) for one in (address, inner)):
            return
        self._check_manners()
        if not is_public(address):
            raise refused("is not at a public address")

    def _check_manners(self) -> None:
        if self.scheme != "https":
            raise refused("must begin with https://")
        if self.port != PORTS["https"] and self.port < UNPRIVILEGED:
            raise refused("must use port 443 or one from 1024 up")


def is_public(address: Address) -> bool:
    """Answer whether anybody on the Internet could mean this address.

    >>> places = ("93.184.215.14", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1")
    >>> [is_public(ip_address(place)) for place in places]
    [True, False, False, False]

    Source: IANA special-purpose address registries (RFC 6890); RFC 6052 for what NAT64 embeds.
    """
    inner = unwrapped(address)
    if isinstance(inner, IPv6Address) and inner not in UNICAST:
        return False
    special = any(inner in block for block in SPECIAL if block.version == inner.version)
    return inner.is_global and not inner.is_multicast and not inner.is_reserved and not special


def unwrapped(address: Address) -> Address:
    """Return the IPv4 address inside one that merely carries it, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _literal(host: str) -> Address | None:
    """Return the address a host is spelled as; one with a zone belongs to this machine alone."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None
