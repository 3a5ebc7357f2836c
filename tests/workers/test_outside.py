"""Calls to addresses other people chose go where they were judged to go, or nowhere."""

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from review.delivery.answers import Answer
from review.delivery.targets import Address
from review.infra.settings import Reach
from tests.workers.conftest import LOOPBACK
from tests.workers.receiver import Receiver, receiving
from workers.outside import Outside, Resolve

NAME = "hook.test"  # a name that no resolver knows
NOBODY = Reach()


def always(*numbers: str) -> Resolve:
    """A resolver that gives the same addresses for every name."""

    async def resolve(_host: str, _port: int) -> list[Address]:
        return [ip_address(number) for number in numbers]

    return resolve


def once(number: str) -> Resolve:
    """A resolver that must not be asked again."""
    left = [number]

    async def resolve(_host: str, _port: int) -> list[Address]:
        return [ip_address(left.pop())]

    return resolve


async def post(outside: Outside, url: str) -> Answer:
    return await outside.post(url, {"webhook-id": "m1"}, b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "http://93.184.215.14:{port}/",
        "https://93.184.215.14:22/",
        "https://user:secret@93.184.215.14/",
    ],
)
async def test_a_place_that_is_not_public_is_not_called(receiver: Receiver, url: str) -> None:
    answer = await post(Outside(NOBODY), url.format(port=receiver.port))
    assert answer.status is None
    assert answer.error is not None
    assert answer.error.startswith("refused: ")
    assert receiver.seen == []


@pytest.mark.parametrize(
    "numbers", [["127.0.0.1"], ["10.1.2.3"], ["::1"], ["169.254.169.254", "192.168.1.1"]]
)
async def test_a_name_that_stands_for_such_a_place_is_not_called(
    receiver: Receiver, numbers: list[str]
) -> None:
    outside = Outside(NOBODY, resolve=always(*numbers))
    answer = await post(outside, f"https://{NAME}:{receiver.port}/")
    assert answer.error == "refused: the address is not at a public address"
    assert not any(number in answer.error for number in numbers)  # our network is our own business
    assert receiver.seen == []


async def test_the_connection_goes_to_the_address_that_was_judged(receiver: Receiver) -> None:
    outside = Outside(LOOPBACK, resolve=once("127.0.0.1"))
    answer = await post(outside, f"http://{NAME}:{receiver.port}/in")
    assert answer.status == 204
    assert receiver.seen[0].headers["host"] == f"{NAME}:{receiver.port}"


async def test_of_several_addresses_only_those_allowed_are_tried(receiver: Receiver) -> None:
    reach = Reach(networks=(ip_network("127.0.0.1/32"), ip_network("127.0.0.9/32")))
    outside = Outside(reach, resolve=always("10.0.0.1", "127.0.0.9", "127.0.0.1"))
    answer = await post(outside, f"http://{NAME}:{receiver.port}/in")
    assert answer.status == 204  # nobody listens at 127.0.0.9


async def test_an_operator_admits_one_host_and_port(receiver: Receiver) -> None:
    outside = Outside(Reach(hosts=frozenset({(NAME, receiver.port)})), resolve=always("127.0.0.1"))
    assert (await post(outside, f"http://{NAME}:{receiver.port}/")).status == 204
    refused = await post(outside, f"http://other.test:{receiver.port}/")
    assert refused.error == "refused: the address must begin with https://"


async def test_a_name_nobody_knows_and_a_port_nobody_listens_at_are_told_apart() -> None:
    unknown = await post(Outside(LOOPBACK), "http://no-such-name.invalid/")
    assert unknown.error == "the name of the host cannot be resolved"
    async with receiving() as gone:
        url = gone.url
    assert (await post(Outside(LOOPBACK), url)).error == "it cannot be connected to"


async def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert (await post(Outside(LOOPBACK), receiver.url)).status == 204


Tls = Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]]


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """A certificate for a name, as its server shows it and as a client trusts it."""

    def make(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        key = ec.generate_private_key(ec.SECP256R1())
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = (
            x509.CertificateBuilder()
            .subject_name(who)
            .issuer_name(who)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2020, 1, 1))
            .not_valid_after(datetime(2020, 1, 1) + timedelta(days=36_500))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = made.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        chain = tmp_path / "chain.pem"
        chain.write_bytes(pem + secret)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(chain)
        return server, ssl.create_default_context(cadata=pem.decode())

    return make


async def test_tls_asks_for_the_name_and_checks_it(tls: Tls) -> None:
    server, client = tls(NAME)
    async with receiving(server) as receiver:
        outside = Outside(LOOPBACK, resolve=always("127.0.0.1"), tls=client)
        right = await post(outside, f"https://{NAME}:{receiver.port}/in")
        assert right.status == 204
        wrong = await post(outside, f"https://other.test:{receiver.port}/in")
        assert wrong.status is None
        assert wrong.error is not None
        assert wrong.error.startswith("its certificate was not accepted: Hostname mismatch")
        assert len(receiver.seen) == 1
    stranger = Outside(LOOPBACK, resolve=always("127.0.0.1"))
    async with receiving(server) as receiver:
        unknown = await post(stranger, f"https://{NAME}:{receiver.port}/in")
        assert unknown.error is not None
        assert unknown.error.startswith("its certificate was not accepted")
