import asyncio
import struct

from graphengine.compat.comfyui_server.listener import MOST, Listener


class Socket:
    """One whose client reads only while ``reads`` is set."""

    def __init__(self):
        self.sent, self.reads = [], asyncio.Event()

    async def send_str(self, text):
        await self.reads.wait()
        self.sent.append(text)

    send_bytes = send_str


class Transport:
    aborted = False

    def abort(self):
        self.aborted = True


def play(act):
    async def run():
        socket, transport = Socket(), Transport()
        listener = Listener("me", socket, transport)
        sending = asyncio.create_task(listener.keep_sending())
        await act(listener, socket, transport)
        sending.cancel()

    asyncio.run(run())


def test_a_slow_client_loses_previews_and_no_text():
    async def act(listener, socket, transport):
        for number in range(5):
            listener.say(str(number))
            listener.show("job", "1", bytes([number]))
            await asyncio.sleep(0)
        socket.reads.set()
        await asyncio.sleep(0.01)
        assert socket.sent == ["0", "1", "2", "3", "4", struct.pack(">II", 1, 1) + b"\4"]
        assert not transport.aborted

    play(act)


def test_a_client_that_reads_nothing_is_cut_off():
    async def act(listener, socket, transport):
        for _ in range(17):
            assert not transport.aborted
            listener.say("x" * (MOST // 16))
            await asyncio.sleep(0)
        listener.say("x" * MOST)
        assert transport.aborted

    play(act)
