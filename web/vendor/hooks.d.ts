/** What the editor uses of preact's hooks. */

import type { Context, Ref } from "./preact.js";

type Effect = () => void | (() => void);
type Update<S> = S | ((before: S) => S);

export function useState<S>(initial: S | (() => S)): [S, (next: Update<S>) => void];
export function useState<S = undefined>(): [S | undefined, (next: Update<S | undefined>) => void];
export function useReducer<S, A>(reduce: (state: S, action: A) => S, initial: S): [S, (action: A) => void];
export function useRef<T = any>(initial: T): Ref<T>;
export function useRef<T = any>(initial?: null): Ref<T | null>;
export function useEffect(effect: Effect, inputs?: readonly any[]): void;
export function useLayoutEffect(effect: Effect, inputs?: readonly any[]): void;
export function useMemo<T>(make: () => T, inputs?: readonly any[]): T;
export function useCallback<F extends Function>(callback: F, inputs: readonly any[]): F;
export function useContext<T>(context: Context<T>): T;
export function useImperativeHandle<T>(ref: Ref<T>, make: () => T, inputs?: readonly any[]): void;
export function useErrorBoundary(callback?: (error: any, info: any) => void): [any, () => void];
export function useId(): string;
export function useDebugValue<T>(value: T, format?: (value: T) => any): void;
