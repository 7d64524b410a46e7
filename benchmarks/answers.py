"""Answers of a server, read by hand: a client that shares the processors with what is measured does what it must."""

import re
import socket

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


def whole_answer(connection: socket.socket) -> bytes:
    """The next answer, head and body."""
    answer = b""
    while True:
        answer += connection.recv(2**16)
        head, end, body = answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if end and length and len(body) == int(length[1]):
            return answer
