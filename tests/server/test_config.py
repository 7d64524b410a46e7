"""Nobody serves beyond loopback without a token."""

import pytest

from graphengine.graph.errors import CallError
from graphengine.server.config import Serving, is_loopback, resolve


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "studio.example", "fe80::1"])
def test_beyond_loopback_a_token_is_asked_for(address):
    assert resolve(Serving(listen=("127.0.0.1", address))).token
    assert not is_loopback(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST."])
def test_on_loopback_the_token_is_a_choice(address):
    assert not resolve(Serving(listen=(address,))).token
    assert resolve(Serving(listen=(address,), token=True)).token
    assert resolve(Serving(listen=(address,), new_token=True)).token


@pytest.mark.parametrize("wrong", [{"listen": ()}, {"port": -1}, {"port": 65536}, {"workers": 0}])
def test_what_cannot_be_is_refused_with_its_cure(wrong):
    with pytest.raises(CallError) as caught:
        resolve(Serving(**wrong))
    assert caught.value.cure


def test_a_frontend_without_a_page_is_refused(tmp_path):
    with pytest.raises(CallError, match=r"no index\.html"):
        resolve(Serving(frontend=tmp_path))


def test_the_secret_of_webhooks_is_not_shown_with_the_rest():
    assert "s3cret" not in repr(Serving(webhook_secret=b"s3cret"))
