/** What the editor uses of signals. */

export interface ReadonlySignal<T = any> {
  readonly value: T;
  peek(): T;
  subscribe(listener: (value: T) => void): () => void;
  toString(): string;
}
export class Signal<T = any> implements ReadonlySignal<T> {
  constructor(value: T);
  value: T;
  peek(): T;
  subscribe(listener: (value: T) => void): () => void;
  toString(): string;
}
export function signal<T>(value: T): Signal<T>;
export function signal<T = undefined>(): Signal<T | undefined>;
export function computed<T>(compute: () => T): ReadonlySignal<T>;
export function effect(run: () => void | (() => void)): () => void;
export function batch<T>(run: () => T): T;
export function untracked<T>(run: () => T): T;
