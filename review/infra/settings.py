"""What the operator decides, read once from the environment and checked before anything starts."""

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from review.infra.embedded import servers
from review.infra.embedded_folder import kept
from review.kernel.problems import Kind, Problem

SECRET_LENGTH = 32
HIGHEST_PORT = 65535
REQUIRED = {
    "DATABASE_URL": "set it to the PostgreSQL to work on: postgresql://user:password@host/database",
    "REDIS_URL": "set it to the Redis that carries wake-ups: redis://host:6379/0",
    "REVIEW_SECRET_KEY": f"set it to {SECRET_LENGTH} or more random characters, the same for every"
    " process; `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` makes some",
}
# Stands in for what the embedded servers bring, so that all else is checked before they start.
UNMADE = {
    "DATABASE_URL": "postgresql:///",
    "REDIS_URL": "redis:///",
    "REVIEW_SECRET_KEY": "-" * SECRET_LENGTH,
}


class SettingMissing(Problem):
    """A setting is missing.

    No secret and no server has a default in production. Set the environment variable named in
    `variable`; `remedy` says to what.
    """

    kind = Kind.UNAVAILABLE


class SettingInvalid(Problem):
    """A setting cannot be used.

    The environment variable named in `variable` was read and refused; `expected` says what fits.
    """

    kind = Kind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Reach:
    """Private places which webhooks may call although they are private.

    >>> reach = Reach(networks=(ip_network("10.1.0.0/16"),), hosts=frozenset({("hook", 8080)}))
    >>> reach.admits("agent.corp", 443, ip_address("10.1.2.3"))
    True
    >>> reach.admits("hook", 8080, ip_address("127.0.0.1"))
    True
    >>> reach.admits("hook", 22, ip_address("127.0.0.1"))
    False
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    hosts: frozenset[tuple[str, int | None]] = frozenset()

    def admits(self, host: str, port: int, address: IPv4Address | IPv6Address) -> bool:
        """Answer whether the operator allows this host, port and resolved address."""
        named = {(host.lower(), port), (host.lower(), None)}
        return bool(named & self.hosts) or any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator decides. What may hold a password is left out of `repr`."""

    database_url: str = field(repr=False)
    migrations_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: SecretStr
    public_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = Path(".review")
    webhook_allow: Reach = field(default_factory=Reach)

    @property
    def secure_cookies(self) -> bool:
        """Answer whether browsers reach us over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https:")


@contextmanager
def settings(environ: Mapping[str, str] = os.environ) -> Generator[Settings, None, None]:
    """Give the settings of this process and, without DATABASE_URL, servers of its own meanwhile.

    Raises: SettingMissing, SettingInvalid, EmbeddedMissing, ServerFailed.
    """
    given = {name: value for name, value in environ.items() if value.strip()}
    if "DATABASE_URL" in given:
        yield read(given)
        return
    for variable in {"REDIS_URL", "MIGRATIONS_URL"} & given.keys():
        remedy = f"set it as well, or unset {variable} to use the embedded servers"
        raise SettingMissing(variable="DATABASE_URL", remedy=remedy)
    chosen = read(UNMADE | given)
    with servers(chosen.data) as pair:
        secret = given.get("REVIEW_SECRET_KEY") or kept(pair.folder / "secret_key")
        yield replace(
            chosen,
            database_url=pair.database_url,
            migrations_url=pair.database_url,
            redis_url=pair.redis_url,
            secret_key=SecretStr(secret),
        )


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings an environment spells out; an empty variable is one that is not set.

    Raises: SettingMissing, SettingInvalid.
    """
    given = {name: value.strip() for name, value in environ.items() if value.strip()}
    for variable, remedy in REQUIRED.items():
        if variable not in given:
            raise SettingMissing(variable=variable, remedy=remedy)
    port = _port(given.get("PORT", "8000"))
    database_url = _database("DATABASE_URL", given["DATABASE_URL"])
    return Settings(
        database_url=database_url,
        migrations_url=_database("MIGRATIONS_URL", given.get("MIGRATIONS_URL", database_url)),
        redis_url=_redis(given["REDIS_URL"]),
        secret_key=_secret(given["REVIEW_SECRET_KEY"]),
        public_url=_public(given.get("REVIEW_PUBLIC_URL", f"http://127.0.0.1:{port}")),
        host=given.get("REVIEW_HOST", "127.0.0.1"),
        port=port,
        data=Path(given.get("REVIEW_DATA", ".review")),
        webhook_allow=_reach(given.get("REVIEW_WEBHOOK_ALLOW", "")),
    )


def _split(variable: str, value: str, expected: str, schemes: frozenset[str]) -> SplitResult:
    """Take an address apart. A refusal does not repeat it: it may hold a password."""
    with suppress(ValueError):
        parts = urlsplit(value)
        if parts.scheme in schemes and parts.port != 0:
            return parts
    raise SettingInvalid(variable=variable, expected=expected)


def _database(variable: str, value: str) -> str:
    """Return the address as asyncpg spells it.

    >>> _database("DATABASE_URL", "postgresql+asyncpg://me@db/review")
    'postgresql://me@db/review'
    """
    expected = "postgresql://user:password@host:5432/database"
    schemes = frozenset({"postgresql", "postgresql+asyncpg", "postgres"})
    return "postgresql" + value[len(_split(variable, value, expected, schemes).scheme) :]


def _redis(value: str) -> str:
    expected = "redis://:password@host:6379/0, or rediss:// over TLS, or unix:///path"
    _split("REDIS_URL", value, expected, frozenset({"redis", "rediss", "unix"}))
    return value


def _public(value: str) -> str:
    """Return the address people use, without the slash at its end.

    Over plain http a session cookie travels in the clear, so that is for this machine only.
    """
    variable, expected = "REVIEW_PUBLIC_URL", "https://host, or http:// on a loopback address"
    parts = _split(variable, value, expected, frozenset({"http", "https"}))
    extra = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if extra or not parts.hostname or (parts.scheme == "http" and not _loopback(parts.hostname)):
        raise SettingInvalid(variable=variable, expected=expected)
    return f"{parts.scheme}://{parts.netloc}"


def _loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _port(value: str) -> int:
    if value.isascii() and value.isdecimal() and 0 < int(value) <= HIGHEST_PORT:
        return int(value)
    raise SettingInvalid(variable="PORT", expected=f"a number from 1 to {HIGHEST_PORT}")


def _secret(value: str) -> SecretStr:
    if len(value) < SECRET_LENGTH:
        raise SettingInvalid(
            variable="REVIEW_SECRET_KEY", expected=f"{SECRET_LENGTH} or more random characters"
        )
    return SecretStr(value)


def _reach(value: str) -> Reach:
    """Return the places a list names: networks, addresses, hosts, each host perhaps with a port.

    >>> _reach("10.0.0.0/8, hook.corp:8080").hosts
    frozenset({('hook.corp', 8080)})
    """
    networks = list[IPv4Network | IPv6Network]()
    hosts = set[tuple[str, int | None]]()
    for place in filter(None, re.split(r"[,\s]+", value)):
        try:
            networks.append(ip_network(place))
        except ValueError:
            hosts.add(_host(place))
    return Reach(tuple(networks), frozenset(hosts))


def _host(place: str) -> tuple[str, int | None]:
    with suppress(ValueError):
        parts = urlsplit(f"//{place}")
        if parts.hostname and parts.port != 0 and parts.netloc == place and "@" not in place:
            return parts.hostname, parts.port
    raise SettingInvalid(
        variable="REVIEW_WEBHOOK_ALLOW",
        expected="networks such as 10.0.0.0/8 and hosts such as hook.corp or hook.corp:8080,"
        f" separated by commas; not {place!r}",
    )
