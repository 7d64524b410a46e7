"""Signatures of webhooks, as the Standard Webhooks specification (version 1.0) has them: its libraries check them."""

import base64
import binascii
import hashlib
import hmac
from pathlib import Path

from graphengine.graph.errors import CallError

PREFIX = "whsec_"


def signed(secret: bytes, id: str, time: int, body: bytes) -> dict[str, str]:
    """The headers of a message.

    Args:
        secret: Shared with who receives it; without one there is no signature.
        id: The same each time that the message is sent.
        time: When it is sent, in Unix seconds.
    """
    headers = {"webhook-id": id, "webhook-timestamp": str(time)}
    if secret:
        digest = hmac.digest(secret, f"{id}.{time}.".encode() + body, hashlib.sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def read_secret(path: Path) -> bytes:
    """The secret in a file, written as ``whsec_`` and base64.

    Raises:
        CallError: It cannot be read, or holds no secret of 24 to 64 bytes.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except OSError as error:
        raise CallError(f"{path} cannot be read: {error.strerror}.", "Name a file that this user may read.") from error
    except (UnicodeDecodeError, binascii.Error):
        text, secret = "", b""
    if not text.startswith(PREFIX) or not 24 <= len(secret) <= 64:
        raise CallError(
            f"{path} holds no secret for webhooks.",
            f"Write {PREFIX} and the base64 of 24 to 64 random bytes there, such as of 'openssl rand -base64 32'.",
        )
    return secret
