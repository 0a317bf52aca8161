import { resolve } from 'node:path';
import { definitionFolder, DocumentError, dotText, located, openMain, workflowGraph } from '@helicase/cwl';

/** `helicase cwl graph [--json] FILE`: the workflow for Graphviz, or as JSON for a program that draws it itself. */
export async function cwlGraph(file: string, json: boolean): Promise<number> {
  try {
    const graph = workflowGraph(await openMain(definitionFolder('/'), '/', resolve(file).slice(1)));
    process.stdout.write(json ? `${JSON.stringify(graph, undefined, 2)}\n` : dotText(graph));
    return 0;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    console.error(located(error));
    return 1;
  }
}
