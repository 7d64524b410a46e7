// @ts-check
/** Telling who looks elsewhere that a run has ended: in the page's title, and by the browser if people asked for it. */

import { text } from "../text/index.js";
import { signal } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

const KEPT = "graphengine.tellEnds";
const granted = () => "Notification" in globalThis && Notification.permission === "granted";

/** Whether the browser tells. */
export const tellsEnds = signal(localStorage.getItem(KEPT) === "on" && granted());

/** Say that a run has ended, if nobody sees it. @param {Session} session @param {string} title @param {string} outcome @param {string} mark */
export function announce(session, title, outcome, mark) {
  if (!document.hidden) return;
  session.mark.value = mark;
  if (!tellsEnds.value || !granted()) return;
  try {
    const told = new Notification(text("tell.ended", { title, outcome }), { tag: title, icon: new URL("../../icon.svg", import.meta.url).href });
    told.onclick = () => {
      window.focus();
      told.close();
    };
  } catch {
    tellsEnds.value = false; // some browsers have them for workers only
  }
}

/** Begin or end telling. Leave is asked for here only: people asked for it. @param {Session} session */
export async function switchTelling(session) {
  if (!("Notification" in globalThis)) return session.tell(text("tell.absent"), { kind: "bad" });
  const wanted = !tellsEnds.value;
  if (wanted && (await Notification.requestPermission()) !== "granted") return session.tell(text("tell.blocked"), { kind: "bad" });
  tellsEnds.value = wanted;
  localStorage.setItem(KEPT, wanted ? "on" : "off");
  session.tell(text(wanted ? "tell.on" : "tell.off"));
}
