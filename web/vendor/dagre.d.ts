/** What the editor uses of dagre. */

export interface Label {
  width: number;
  height: number;
  x: number;
  y: number;
}
export class Graph {
  constructor(options?: { directed?: boolean; multigraph?: boolean; compound?: boolean });
  setGraph(label: Record<string, any>): this;
  setDefaultEdgeLabel(make: () => any): this;
  setNode(id: string, label: { width: number; height: number; [field: string]: any }): this;
  setEdge(from: string, to: string, label?: any, name?: string): this;
  setParent(id: string, parent?: string): this;
  node(id: string): Label;
  nodes(): string[];
  graph(): any;
}
export function layout(graph: Graph, options?: Record<string, any>): void;
declare const dagre: { graphlib: { Graph: typeof Graph }; layout: typeof layout; version: string };
export default dagre;
