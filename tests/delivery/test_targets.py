"""Where webhooks may go."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.delivery.targets import Target, TargetRefused, is_public
from review.infra.settings import Reach

NOBODY = Reach()

PRIVATE = [
    "0.0.0.0",  # noqa: S104 - an address like any other here
    "10.255.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.31.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "233.252.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "192.0.1.1",
    "198.20.0.1",
    "::ffff:93.184.215.14",
    "64:ff9b::93.184.215.14",
    "2606:4700:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize("place", PRIVATE)
def test_private_places_are_refused_however_they_are_spelled(place: str) -> None:
    assert not is_public(ip_address(place))
    host = f"[{place}]" if ":" in place else place
    with pytest.raises(TargetRefused):
        Target.read(f"https://{host}/").check(NOBODY)


@pytest.mark.parametrize("place", PUBLIC)
def test_public_places_are_not(place: str) -> None:
    assert is_public(ip_address(place))
    host = f"[{place}]" if ":" in place else place
    Target.read(f"https://{host}/").check(NOBODY)


@given(st.ip_addresses(v=4))
def test_an_address_does_not_become_public_by_being_wrapped(address: object) -> None:
    inner = ip_address(str(address))
    for wrapped in (f"::ffff:{inner}", f"64:ff9b::{inner}"):
        assert is_public(ip_address(wrapped)) == is_public(inner)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook.example",
        "//hook.example",
        "ftp://hook.example",
        "https://",
        "https:///path",
        "https://me@hook.example",
        "https://hook.example\\@10.0.0.1/",
        "https://hook.example#@10.0.0.1/",
        "https://hook.example/a b",
        "https://hook.example/\r\nHost: other",
        "https://hök.example/",
        "https://hook.example:0/",
        "https://hook.example:99999/",
        "https://hook.example:x/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://-hook.example/",
        "https://hook..example/",
        "https://" + "a" * 64 + ".example/",
        "https://hook.example/" + "a" * 2_000,
    ],
)
def test_what_two_parsers_might_read_differently_is_not_read_at_all(url: str) -> None:
    with pytest.raises(TargetRefused):
        Target.read(url)


@given(st.text())
def test_nothing_else_is_raised_for_any_text(text: str) -> None:
    for url in (text, f"https://{text}", f"https://hook.example/{text}"):
        try:
            Target.read(url)
        except TargetRefused:
            continue


@pytest.mark.parametrize(
    ("url", "authority", "spelled"),
    [
        ("https://hook.example", "hook.example", "https://1.1.1.1:443/"),
        ("https://hook.example?a=1", "hook.example", "https://1.1.1.1:443/?a=1"),
        ("https://HOOK.example.:8443/x/", "hook.example:8443", "https://1.1.1.1:8443/x/"),
        ("https://[2606:4700::1]:8443/", "[2606:4700::1]:8443", "https://1.1.1.1:8443/"),
    ],
)
def test_the_name_stays_in_the_host_header_and_the_number_in_the_call(
    url: str, authority: str, spelled: str
) -> None:
    target = Target.read(url)
    assert target.authority == authority
    assert target.at(ip_address("1.1.1.1")) == spelled


def test_ports_and_plain_http_are_for_the_operator_to_admit() -> None:
    named = Reach(hosts=frozenset({("hook.corp", 25)}))
    network = Reach(networks=(ip_network("10.0.0.0/8"),))
    inside, outside = ip_address("10.0.0.1"), ip_address("1.1.1.1")
    mail = Target.read("http://hook.corp:25/")
    with pytest.raises(TargetRefused):
        mail.check(NOBODY)
    mail.check(named)
    mail.check_at(inside, named)
    mail.check(network)  # its address will tell
    mail.check_at(inside, network)
    with pytest.raises(TargetRefused):
        mail.check_at(outside, network)
    with pytest.raises(TargetRefused):
        Target.read("https://hook.example:25/").check(named)
    Target.read("https://hook.example:8443/").check(NOBODY)
    mapped = ip_address("::ffff:10.0.0.1")
    Target.read("http://hook.corp/").check_at(mapped, network)
