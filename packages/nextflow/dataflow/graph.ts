import type { Value } from '../values/value.ts';
import { Channel } from './channel.ts';
import { ChannelList } from './channel-list.ts';

export interface Vertex {
  readonly index: number;
  /** Where items come from, what is done to them, or the end of a channel that nobody reads. */
  readonly kind: 'origin' | 'operator' | 'process' | 'end';
  /** `channel.of`, `map`, `ALIGN:BWA`; empty for ends and for plain values. */
  readonly label: string;
  /** The workflows around it, the outermost first. */
  readonly workflows: readonly string[];
}

export interface Edge {
  readonly from: Vertex;
  readonly to: Vertex;
  /** The name of the output or input that the channel is. */
  readonly label: string;
}

/** What a process calls the channels that it reads and makes. */
interface Names {
  readonly inputs?: readonly (string | undefined)[];
  readonly outputs?: readonly (string | undefined)[];
  /** The topics that outputs go to. */
  readonly topics?: readonly Channel[];
}

interface Making {
  readonly vertex: Vertex;
  readonly name: string;
}

/** How channels lead from what makes them, through operators and processes, to their ends. */
export class Graph {
  readonly #vertices: Vertex[] = [];
  readonly #edges: Edge[] = [];
  readonly #makers = new Map<Channel, Making>();
  readonly #read = new Set<Channel>();
  #workflows: readonly string[] = [];
  #within = false;

  /** What is added until the next call belongs to these workflows. */
  enter(workflows: readonly string[]): void {
    this.#workflows = [...workflows];
  }

  origin(channel: Channel, label: string): void {
    this.#makers.set(channel, { vertex: this.#vertex('origin', label), name: '' });
  }

  process(label: string, inputs: readonly Channel[], outputs: readonly Channel[], names: Names): void {
    this.#add('process', label, inputs, outputs, names);
  }

  /** What `apply` answers are the outputs; operators that it is made of are no vertices of their own. */
  operator(label: string, inputs: readonly Value[], apply: () => Value | undefined): Value | undefined {
    if (this.#within) return apply();
    this.#within = true;
    try {
      const result = apply();
      if (label !== 'set') this.#add('operator', label, channelsOf(inputs), channelsOf([result]), {});
      return result;
    } finally {
      this.#within = false;
    }
  }

  #add(
    kind: Vertex['kind'],
    label: string,
    inputs: readonly Channel[],
    outputs: readonly Channel[],
    names: Names,
  ): void {
    const makers = inputs.map((channel) => this.#makerOf(channel));
    const vertex = this.#vertex(kind, label);
    for (const [index, { name, vertex: from }] of makers.entries()) {
      this.#edges.push({ from, to: vertex, label: name || (names.inputs?.[index] ?? '') });
      this.#read.add(inputs[index]!);
    }
    for (const topic of names.topics ?? [])
      this.#edges.push({ from: vertex, to: this.#makerOf(topic).vertex, label: '' });
    for (const [index, channel] of outputs.entries())
      this.#makers.set(channel, { vertex, name: names.outputs?.[index] ?? '' });
  }

  /** A channel that nothing made here is a plain value. */
  #makerOf(channel: Channel): Making {
    const known = this.#makers.get(channel) ?? { vertex: this.#vertex('origin', ''), name: '' };
    this.#makers.set(channel, known);
    return known;
  }

  #vertex(kind: Vertex['kind'], label: string): Vertex {
    const vertex = { index: this.#vertices.length, kind, label, workflows: this.#workflows };
    this.#vertices.push(vertex);
    return vertex;
  }

  /** With an end for every channel that nobody reads. */
  drawn(): { readonly vertices: readonly Vertex[]; readonly edges: readonly Edge[] } {
    const vertices = [...this.#vertices];
    const edges = [...this.#edges];
    for (const [channel, { name, vertex }] of this.#makers) {
      if (this.#read.has(channel)) continue;
      const end: Vertex = { index: vertices.length, kind: 'end', label: '', workflows: [] };
      vertices.push(end);
      edges.push({ from: vertex, to: end, label: name });
    }
    return { vertices, edges };
  }
}

function channelsOf(values: readonly Value[]): Channel[] {
  return values.flatMap((value) => {
    if (value instanceof Channel) return [value];
    return value instanceof ChannelList ? channelsOf(value.channels) : [];
  });
}
