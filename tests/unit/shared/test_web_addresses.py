"""What an outgoing request may connect to, and how an address is taken apart."""

from __future__ import annotations

import pytest

from shared.web_addresses import Unfetched, allowed, target

INSIDE = (
    "127.0.0.1", "127.255.255.254", "::1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fc00::1", "fd00:ec2::254",
)  # fmt: skip
NEVER = (
    "0.0.0.1", "169.254.169.254", "fe80::1", "fe80::1%eth0", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "::",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "192.0.0.1", "192.0.2.1",
    "192.0.0.9", "192.88.99.1", "100.100.100.200", "198.18.0.1", "203.0.113.1", "2001:db8::1", "nonsense", "",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_the_countys_own_network_is_opened_by_allow_private_alone(address):
    assert not allowed(address)
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_asked(address):
    assert not allowed(address)
    assert not allowed(address, private=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2400:3200::1"])
def test_the_public_internet_is_asked(address):
    assert allowed(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "forum.example.org", "file:///etc/passwd", "ftp://example.org/", "http://", "http:///x", "http://u:p@example.org/",
        "http://example.org@127.0.0.1/", "http://example.org:99999/", "http://example.org:0/", "http://exa mple.org/",
        "http://example.org/\r\nHost: x", "http://example.org\\@127.0.0.1/", "http://[::1/", "http://" + "a" * 300 + ".org/",
        "http://\ud800.org/", "http://example.org:http/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(url):
    with pytest.raises(Unfetched, match="bad_address"):
        target(url)


@pytest.mark.parametrize(
    ("url", "named", "path"),
    [
        ("http://forum.example.org", "forum.example.org", "/"),
        ("https://forum.example.org:443/水?q=水", "forum.example.org", "/%E6%B0%B4?q=%E6%B0%B4"),
        ("http://forum.example.org:8080/a&b", "forum.example.org:8080", "/a&b"), ("http://[2400:3200::1]/", "[2400:3200::1]", "/"),
        ("https://论坛.example/", "xn--kfsr23j.example", "/"), ("http://FORUM.example.org./", "forum.example.org", "/"),
    ],
)  # fmt: skip
def test_an_address_is_taken_apart_as_the_header_host_and_the_request_line_want_it(url, named, path):
    found = target(url)
    assert (found.named, found.path) == (named, path)


def test_a_fault_says_what_http_said():
    fault = Unfetched("refused", "gone", status=410, retry_after=30.0)
    assert (str(fault), fault.code, fault.status, fault.retry_after) == ("refused gone", "refused", 410, 30.0)
