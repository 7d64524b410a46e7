// @ts-check
/** What happens on the server, over a websocket that comes back by itself and misses nothing. */

/** @typedef {{number: number, kind: string, time: number, job?: string, data: any}} Event */

const FIRST_PAUSE = 300;
const LONGEST_PAUSE = 8000;

/**
 * @param {{onEvents: (events: Event[]) => void, onPreview: (about: {job: string, node: string}, picture: Blob) => void,
 *   onConnection: (open: boolean) => void}} on
 * @param {string} [place]
 */
export function listen(on, place = "/api/v1/events/socket") {
  /** @type {number | undefined} */
  let last;
  let pause = FIRST_PAUSE;
  /** @type {WebSocket} */
  let socket;
  let closed = false;

  function open() {
    const address = new URL(place, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    if (last !== undefined) address.searchParams.set("after", String(last));
    socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => (typeof data === "string" ? take(JSON.parse(data)) : preview(data));
    socket.onclose = lost;
  }

  /** @param {Event[]} events */
  function take(events) {
    if (events.some(({ kind }) => kind === "begin")) {
      pause = FIRST_PAUSE;
      on.onConnection(true);
    }
    for (const { number } of events) last = number ?? last;
    on.onEvents(events.filter(({ kind }) => kind !== "begin"));
  }

  /** @param {ArrayBuffer} frame */
  function preview(frame) {
    const length = new DataView(frame).getUint32(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4, length)));
    on.onPreview(header, new Blob([new Uint8Array(frame, 4 + length)], { type: header.type }));
  }

  function lost() {
    if (closed) return;
    on.onConnection(false);
    setTimeout(open, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  open();
  return {
    close() {
      closed = true;
      socket.close();
    },
  };
}
