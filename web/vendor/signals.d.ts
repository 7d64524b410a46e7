/** What the editor uses of signals inside preact: components that read a signal render again when it changes. */

import type { ReadonlySignal, Signal } from "./signals-core.js";

export { batch, computed, effect, Signal, signal, untracked } from "./signals-core.js";
export type { ReadonlySignal } from "./signals-core.js";
export function useSignal<T>(value: T): Signal<T>;
export function useSignal<T = undefined>(): Signal<T | undefined>;
export function useComputed<T>(compute: () => T): ReadonlySignal<T>;
export function useSignalEffect(run: () => void | (() => void)): void;
