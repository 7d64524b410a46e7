"""What a worker has to say, gathered so that a busy run makes few frames, and previews in pace with who watches."""

import io
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

from graphengine.execution.events import Event
from graphengine.worker.protocol import FromWorker, Reported, Shown

GATHER = 0.01  # seconds that events wait for others
PREVIEW = 0.1  # seconds between previews
SIDE = 512  # longest side of a preview in pixels
QUALITY = 85


class Outbox:
    """Events and previews of the job that runs; a thread of its own sends them.

    Args:
        send: Writes one message; called by one thread at a time.
        flush: Lets what was written go: what belongs together wakes its reader once.
    """

    def __init__(self, send: Callable[[FromWorker], None], flush: Callable[[], None] = lambda: None) -> None:
        self._send, self._flush, self._sending = send, flush, threading.Lock()
        self._job = ""
        self._events: deque[Event] = deque()  # many threads append, one takes
        self._preview: tuple[str, Any] | None = None
        self._shown_at = 0.0
        self._something = threading.Event()
        threading.Thread(target=self._keep_sending, name="graphengine-outbox", daemon=True).start()

    def begin(self, job: str) -> None:
        """What comes from now on belongs to this job."""
        self._job, self._preview = job, None

    def event(self, event: Event) -> None:
        """Take an event of the run; quick, and called in order."""
        if event.kind == "preview":
            self._preview = (event.node, event.data["image"])
        else:
            self._events.append(event)
        if not self._something.is_set():
            self._something.set()

    def say(self, message: FromWorker) -> None:
        """Send a message now, after everything that happened before it."""
        with self._sending:
            self._send_events()
            self._send(message)
            self._flush()

    def _keep_sending(self) -> None:
        while True:
            self._something.wait()
            time.sleep(GATHER)
            self._something.clear()
            with self._sending:
                self._send_events()
                self._send_preview()
                self._flush()

    def _send_events(self) -> None:
        events = [self._events.popleft() for _ in range(len(self._events))]
        if events and not self._sent(Reported(self._job, events)):
            for event in events:  # one of them cannot be told; the others are
                self._sent(Reported(self._job, [event]))

    def _send_preview(self) -> None:
        if self._preview is None:
            return
        if time.monotonic() - self._shown_at < PREVIEW:
            self._something.set()
            return
        (node, image), self._preview = self._preview, None
        self._shown_at = time.monotonic()
        try:
            picture = encoded(image)
        except Exception:  # noqa: BLE001  what a node shows of its work must not end the telling
            traceback.print_exc()
        else:
            self._send(Shown(self._job, node, "image/jpeg", picture))

    def _sent(self, message: FromWorker) -> bool:
        """Whether a message could be sent: a node may have shown what the pipe cannot carry."""
        try:
            self._send(message)
        except OSError:
            raise
        except Exception:  # noqa: BLE001
            traceback.print_exc()
            return False
        return True


def encoded(image: Any) -> bytes:
    """A preview, h x w x 3 bytes, as a JPEG that fits ``SIDE``."""
    import numpy as np
    from PIL import Image

    picture = Image.fromarray(np.asarray(image))
    picture.thumbnail((SIDE, SIDE))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
