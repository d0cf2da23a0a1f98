"""Where a call may go whose address somebody typed (money.md 9, API7)."""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

PORTS = (443, 8443)
URL_CHARACTERS_MAX = 500
_HTTPS = 443

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII | re.IGNORECASE)
# 127.1, 0177.0.0.1 and 0x7f000001 are addresses to many resolvers
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)
_IPV4_LITERAL = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}", re.ASCII)

# written out, since what the library calls global changes from one of its versions to the next
_NOT_PUBLIC_4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
# of what is given out at all: each of the others carries or names another address, or is no host
_GIVEN_OUT_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(each)
    for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)


class Unfit(ValueError):  # noqa: N818  an expected no
    """An address that nobody may type; the text says why."""


def is_public(address: str) -> bool:
    """Whether an IP address is a host on the public net: none of ours, and none that hides one.

    Loopback, private, link-local, metadata, shared, multicast, mapped, NAT64, 6to4, Teredo and
    reserved ones are not, nor is what is no address.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in each for each in _NOT_PUBLIC_4)
    if found.scope_id is not None or found not in _GIVEN_OUT_6:
        return False
    return not any(found in each for each in _NOT_PUBLIC_6)


def check_typed(url: str, *, private: bool = False, ports: Collection[int] = PORTS) -> None:
    """Raises `Unfit` for a URL to which no call may go. What its name means is not known here.

    `private` lets http, any port and addresses of this network pass, for a sandbox.
    """
    parts, port = _split(url)
    host = parts.hostname or ""
    if private and _is_host(host):
        return
    if parts.scheme != "https":
        raise Unfit("the address should begin with https://")
    if (_HTTPS if port is None else port) not in ports:
        raise Unfit(f"the port should be one of {', '.join(str(each) for each in ports)}")
    _check_host(host)


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > URL_CHARACTERS_MAX or not url.isascii() or re.search(r"[\s\\\x00-\x20]", url):
        raise Unfit("the address should be https://host/path, in plain letters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unfit("this is no address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unfit("the address should begin with https://")
    if "[" in parts.netloc and not _is_ipv6(parts.hostname):
        raise Unfit("this is no address")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise Unfit("the address should name a host and nothing before it")
    if parts.query or parts.fragment:
        raise Unfit("the address should have neither a query nor a fragment")
    return parts, port


def _check_host(host: str) -> None:
    if ":" in host or _IPV4_LITERAL.fullmatch(host):
        if not is_public(host):
            raise Unfit("this host is not on the public net")
        return
    if not _is_host(host) or "." not in host:
        raise Unfit("the host should be a whole name, as in panel.example.com")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise Unfit("the host should be a name, or four numbers")


def _is_host(host: str) -> bool:
    """Neither empty labels nor a dot at the end, which would make it another name."""
    if ":" in host:
        return _is_ipv6(host)
    return len(host) <= 253 and all(_LABEL.fullmatch(each) for each in host.split("."))


def _is_ipv6(host: str) -> bool:
    try:
        return isinstance(ip_address(host), IPv6Address)
    except ValueError:
        return False
