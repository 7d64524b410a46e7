"""Who may talk to us, decided on headers alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphengine.server.origins import Host, host_problem, origin_problem, parse_host

NEAR, FAR = ("127.0.0.1", 8188), ("192.168.1.5", 8188)
ALLOWED = {Host("studio.example"), Host("other.example", 9000)}


@pytest.mark.parametrize("host", [
    "127.0.0.1:8188", "localhost:8188", "LocalHost:8188", "localhost.:8188", "[::1]:8188", "127.0.0.2:8188",
    "studio.example", "STUDIO.example.:1", "other.example:9000",
])  # fmt: skip
def test_our_names_are_taken(host):
    assert host_problem([host], NEAR, ALLOWED) is None


@pytest.mark.parametrize("host", [
    "evil.example:8188", "evil.example", "localhost", "localhost:80", "127.0.0.1", "127.0.0.1:8189", "other.example",
    "other.example:9001", "localhost.evil.example:8188", "evil-localhost:8188", "127.0.0.1.evil.example:8188",
    "192.168.1.5:8188", "", " ", "localhost:8188:8188", "user@localhost:8188", "localhost:8188/", "[::1",
    "[localhost]:8188",
    "[::1]evil:8188", "localhost..:8188", "0x7f.1:8188", "2130706433:8188", "127.1:8188", "localhost:99999",
    "0.0.0.0:8188",
    "localhost\t:8188", "ｌocalhost:8188", "localhost:８188", ".", "sub.studio.example",
])  # fmt: skip
def test_a_name_that_is_not_ours_is_refused(host):
    assert host_problem([host], NEAR, ALLOWED)


def test_a_missing_or_second_host_is_refused():
    assert host_problem([], NEAR, ALLOWED)
    assert host_problem(["localhost:8188", "localhost:8188"], NEAR, ALLOWED)


def test_beyond_loopback_addresses_are_taken_but_no_names():
    assert host_problem(["192.168.1.5:8188"], FAR, ()) is None
    assert host_problem(["10.1.1.1:8188"], FAR, ()) is None  # a router's, that leads here
    assert host_problem(["evil.example:8188"], FAR, ())
    assert host_problem(["192.168.1.5:80"], FAR, ())


@given(st.text(max_size=40))
def test_any_text_is_a_host_or_none_and_only_known_names_pass(text):
    host = parse_host(text)
    if host_problem([text], NEAR, ()) is None:
        assert host is not None
        assert host.name == "localhost" or host.name.startswith("127.") or ":" in host.name


OURS = ["localhost:8188"]


@pytest.mark.parametrize(("origins", "site"), [
    ([], None), ([], "same-origin"), ([], "none"), (["http://localhost:8188"], None), (["HTTP://LOCALHOST:8188"], None),
    (["https://pages.example"], "cross-site"),
])  # fmt: skip
def test_programs_and_our_own_page_may_change_state(origins, site):
    assert origin_problem(origins, OURS, site, {"https://pages.example"}) is None


@pytest.mark.parametrize(("origins", "site"), [
    (["null"], None), (["http://evil.example"], None), (["http://localhost:3000"], None), (["http://localhost"], None),
    (["http://127.0.0.1:8188"], None), (["http://localhost:8188.evil.example"], None), (["file://"], None),
    (["http://localhost:8188@evil.example"], None), (["http://evil.example#http://localhost:8188"], None), ([""], None),
    (["http://localhost:8188", "http://localhost:8188"], None), (["chrome-extension://localhost:8188"], None),
    ([], "cross-site"), ([], "same-site"), (["https://pages.example.evil"], None), (["http://pages.example"], None),
])  # fmt: skip
def test_another_page_may_not(origins, site):
    assert origin_problem(origins, OURS, site, {"https://pages.example"})


def test_the_null_origin_cannot_be_allowed():
    assert origin_problem(["null"], OURS, None, {"null"})


def test_behind_a_proxy_with_a_certificate_the_usual_port_needs_no_telling():
    assert origin_problem(["https://studio.example"], ["studio.example"], "same-origin") is None
    assert origin_problem(["https://studio.example"], ["studio.example:443"], None) is None
    assert origin_problem(["https://studio.example"], ["studio.example:80"], None)
