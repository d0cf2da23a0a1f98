"""Addresses that somebody typed: which are refused before a name is even looked up."""

import pytest

from gateway.domain.addresses import Unfit, check_typed, is_public

PRIVATE = (
    *("0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),  # noqa: S104  a case
    *("172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd00::1"),
    *("fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "panel.example", "", "1"),
)
TYPED = (
    *("http://panel.example/api", "ftp://panel.example/", "panel.example", "https://", ""),
    *("https://panel.example:22/", "https://panel.example:80/", "https://panel.example:0/"),
    *("https://panel.example:99999/", "https://user@panel.example/", "https://u:p@panel.example/"),
    *("https://panel.example@127.0.0.1/", "https://@panel.example/", "https://panel.example./"),
    *("https://localhost/", "https://metadata/", "https://panel..example/", "https://.example/"),
    *("https://-panel.example/", "https://panel_1.example/", "https://pänel.example/"),
    *("https://panel。example/", "https://①②⑦.0.0.1/", "https://127.0.0.1/", "https://127.1/"),
    *("https://2130706433/", "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0x7f000001/"),
    *("https://127.0.0.1.:443/", "https://0/", "https://1.2.3/", "https://1.2.3.4.5/"),
    *("https://256.256.256.256/", "https://10.0.0.1:8443/", "https://169.254.169.254/latest"),
    *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/"),
    *("https://[64:ff9b::7f00:1]/", "https://[fe80::1%25eth0]/", "https://[fd00:ec2::254]/"),
    *("https://[::]/", "https://[v1.x]/", "https://[/", "https://panel.example/a b"),
    *("https://panel.example\\@127.0.0.1/", "https://panel.example/\n", "https:\t//panel.example/"),
    *("https://panel.example/?a=1", "https://panel.example/#a", "https://panel%2eexample/"),
    *("https:///panel.example/", "https:panel.example", "//panel.example/", "javascript:alert(1)"),
    *("https://panel.example:8080/", "https://panel.example:-1/"),
    *("file:///etc/passwd", "gopher://panel.example/", f"https://panel.example/{'a' * 500}"),
)


def test_there_are_at_least_sixty() -> None:
    assert len(set(TYPED)) >= 60


@pytest.mark.parametrize("url", TYPED)
def test_a_typed_address_is_refused(url: str) -> None:
    with pytest.raises(Unfit):
        check_typed(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://panel.example/api/v2",
        "https://panel.example:8443/api/v2",
        "HTTPS://Panel.Example/",
        "https://xn--pnel-5na.example/",
        "https://8.8.8.8/api",
        "https://[2606:4700::1111]/api",
    ],
)
def test_one_on_the_public_net_is_not(url: str) -> None:
    check_typed(url)


def test_a_sandbox_is_let_pass_where_the_installation_says_so() -> None:
    check_typed("http://127.0.0.1:8090/api/v2", private=True)
    check_typed("http://localhost:8090/api/v2", private=True)
    for url in ("http://user@127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1/?a=1"):
        with pytest.raises(Unfit):
            check_typed(url, private=True)


def test_which_addresses_are_hosts_of_the_public_net() -> None:
    assert [each for each in PRIVATE if is_public(each)] == []
    public = ("8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450::1")
    assert [each for each in public if not is_public(each)] == []
