import { extname } from 'node:path';
import { type Edge, ScriptFault, type Vertex } from '@helicase/nextflow';
import { escaped, page } from './page.ts';

export interface Drawn {
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
}

export type DagFormat = (graph: Drawn, title: string) => string;

const FORMATS: Readonly<Record<string, DagFormat>> = {
  '.dot': dotText,
  '.mmd': mermaidText,
  '.svg': svgText,
  '.html': (graph, title) => page(`Channels of ${title}`, svgText(graph)),
};

/** How a graph is written to a file of this name; others are refused before the run. */
export function dagFormat(path: string): DagFormat {
  const format = FORMATS[extname(path)];
  if (format) return format;
  throw new ScriptFault(
    `The graph cannot be written as ${path}. Give a name that ends in ${Object.keys(FORMATS).join(', ')}.`,
  );
}

/** Graphviz, with the shapes that Nextflow gives. */
function dotText({ edges, vertices }: Drawn, title: string): string {
  const point = 'label="",fixedsize=true,width=0.1';
  const shapes: Readonly<Record<Vertex['kind'], (label: string) => string>> = {
    process: (label) => `label=${quoted(label)}`,
    operator: (label) => `shape=circle,${point},xlabel=${quoted(label)}`,
    origin: (label) => `shape=point,${point}${label && `,xlabel=${quoted(label)}`}`,
    end: () => 'shape=point',
  };
  return [
    `digraph ${quoted(title)} {`,
    ...vertices.map(({ index, kind, label }) => `  v${index} [${shapes[kind](label)}];`),
    ...edges.map(
      ({ from, label, to }) => `  v${from.index} -> v${to.index}${label && ` [label=${quoted(label)}]`};`,
    ),
    '}',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Mermaid, with a frame around each workflow. */
function mermaidText({ edges, vertices }: Drawn): string {
  return [
    'flowchart TB',
    ...framed(vertices, []),
    ...edges.map(({ from, label, to }) => `    v${from.index} -->${label && `|${label}|`} v${to.index}`),
    '',
  ].join('\n');
}

/** The vertices of a workflow, then those of the workflows in it. */
function framed(vertices: readonly Vertex[], path: readonly string[]): string[] {
  const indent = '    '.repeat(path.length + 1);
  const own = vertices.filter(({ workflows }) => workflows.length === path.length);
  const inner = Map.groupBy(
    vertices.filter(({ workflows }) => workflows.length > path.length),
    ({ workflows }) => workflows[path.length]!,
  );
  return [
    ...own.map((vertex) => `${indent}v${vertex.index}${mermaidShape(vertex)}`),
    ...[...inner].flatMap(([name, within]) => [
      `${indent}subgraph "${[...path, name].join(':')}"`,
      ...framed(within, [...path, name]),
      `${indent}end`,
    ]),
  ];
}

function mermaidShape({ kind, label }: Vertex): string {
  const name = label.slice(label.lastIndexOf(':') + 1);
  if (kind === 'process') return `([${name}])`;
  if (kind === 'operator') return `(("${name}"))`;
  return `["${label || ' '}"]`;
}

const [WIDTH, HEIGHT, GAP] = [180, 30, 34];

/** A drawing: every vertex below all that leads to it. */
function svgText({ edges, vertices }: Drawn): string {
  const places = placesOf(vertices, edges);
  const right = Math.max(...places.map(({ x }) => x), 0) + WIDTH;
  const bottom = Math.max(...places.map(({ y }) => y), 0) + HEIGHT;
  const lines = edges.map(({ from, label, to }) => {
    const [a, b] = [places[from.index]!, places[to.index]!];
    const [x1, y1, x2, y2] = [a.x + WIDTH / 2, a.y + HEIGHT, b.x + WIDTH / 2, b.y];
    const curve = `<path d="M${x1} ${y1} C${x1} ${y1 + GAP} ${x2} ${y2 - GAP} ${x2} ${y2}" fill="none" stroke="#888"/>`;
    return `${curve}<text x="${(x1 + x2) / 2}" y="${(y1 + y2) / 2}" font-size="9" fill="#666">${escaped(label)}</text>`;
  });
  const boxes = vertices.map(({ kind, index, label }) => {
    const { x, y } = places[index]!;
    const shape = kind === 'process' ? 'fill="#cde" stroke="#357"' : 'fill="#f6f6f6" stroke="#aaa"';
    const name = escaped(label);
    return `<g><title>${name}</title><rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6" ${shape}/><text x="${x + WIDTH / 2}" y="${y + 19}" text-anchor="middle" font-size="11">${shortened(name)}</text></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${right + GAP}" height="${bottom + GAP}" font-family="sans-serif">\n${[...lines, ...boxes].join('\n')}\n</svg>\n`;
}

function shortened(name: string): string {
  return name.length <= 28 ? name : `…${name.slice(-27)}`;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function placesOf(vertices: readonly Vertex[], edges: readonly Edge[]): Place[] {
  const rows = vertices.map(() => 0);
  // As often as the longest way at most: what recurses has a way around.
  for (let round = 0, moved = true; moved && round < vertices.length; round += 1) {
    moved = false;
    for (const { from, to } of edges) {
      if (rows[to.index]! > rows[from.index]!) continue;
      rows[to.index] = rows[from.index]! + 1;
      moved = true;
    }
  }
  const filled = new Map<number, number>();
  return rows.map((row) => {
    const column = filled.get(row) ?? 0;
    filled.set(row, column + 1);
    return { x: GAP + column * (WIDTH + GAP), y: GAP + row * (HEIGHT + 2 * GAP) };
  });
}
