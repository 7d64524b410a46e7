// @ts-check
/** Parts of the page whose code is loaded when they are first shown, or earlier while nothing else happens. */

import { html, useEffect, useState } from "./html.js";

/** @type {(() => Promise<any>)[]} */
const parts = [];

/**
 * A component that stands for one of a module which is not loaded yet, and shows nothing until it is.
 * @param {() => Promise<Record<string, any>>} load @param {string} name of the component in the module
 */
export function onDemand(load, name) {
  /** @type {any} */
  let Part;
  const fetched = async () => void (Part ??= (await load())[name]);
  parts.push(fetched);
  return function OnDemand(/** @type {{session: import("./session.js").Session}} */ props) {
    const [, showAgain] = useState(0);
    const Now = Part; // what this shows, whatever is loaded before the effect runs
    useEffect(() => {
      if (!Now) fetched().then(() => showAgain(1), () => props.session.tellError({ code: "unreachable", status: 0 }));
    }, []);
    return Now && html`<${Now} ...${props} />`;
  };
}

/** Load all of them one after another, so that none is missing when the server is gone later. */
export function loadRest() {
  requestIdleCallback(async () => {
    for (const fetched of parts) await fetched().catch(() => undefined); // asked for again when it is shown
  });
}
