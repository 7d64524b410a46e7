/** What the editor uses of preact. */

export interface VNode {
  type: any;
  props: any;
  key: any;
}
export type ComponentChild = VNode | object | string | number | bigint | boolean | null | undefined;
export type ComponentChildren = ComponentChild | ComponentChild[];
export type FunctionComponent<P = any> = (props: P & { children?: ComponentChildren }) => ComponentChildren;
export interface Ref<T> {
  current: T;
}
export interface Context<T> {
  Provider: FunctionComponent<{ value: T }>;
}
export class Component<P = any, S = any> {
  constructor(props?: P);
  props: P;
  state: S;
  setState(state: Partial<S>): void;
  forceUpdate(): void;
}
export const Fragment: FunctionComponent;
export const options: any;
export function h(type: any, props: any, ...children: any[]): VNode;
export const createElement: typeof h;
export function cloneElement(node: VNode, props?: any, ...children: any[]): VNode;
export function createContext<T>(value: T): Context<T>;
export function createRef<T = any>(): Ref<T | null>;
export function isValidElement(node: any): node is VNode;
export function render(node: ComponentChildren, parent: Element | Document | ShadowRoot | DocumentFragment): void;
export function hydrate(node: ComponentChildren, parent: Element): void;
export function toChildArray(children: ComponentChildren): any[];
