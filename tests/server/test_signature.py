"""Signatures of webhooks."""

import base64
import stat

import pytest

from graphengine.graph.errors import CallError
from graphengine.server.signature import read_secret, signed


def test_a_message_is_signed_as_the_example_that_the_makers_of_the_specification_publish():
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_without_a_secret_there_is_no_signature():
    assert "webhook-signature" not in signed(b"", "a", 1, b"{}")


def test_a_secret_is_read_from_its_file_and_what_is_none_is_refused_without_being_shown(tmp_path):
    path = tmp_path / "secret"
    path.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    path.chmod(stat.S_IRUSR)
    assert read_secret(path) == base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    path.chmod(0o600)
    for wrong in ("", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_no base64 at all!", "whsec_é" * 8):
        path.write_text(wrong)
        with pytest.raises(CallError) as caught:
            read_secret(path)
        assert not wrong or wrong not in str(caught.value)
    with pytest.raises(CallError, match="cannot be read"):
        read_secret(tmp_path / "nothing")
