import { json, makers, plain, type ProvenanceDocument, type ProvenanceRecord } from './record.ts';

/** nf-prov's own manifest, which its versions before 1.5 write. */
export function legacyManifest({ published, tasks }: ProvenanceRecord): ProvenanceDocument {
  const made = makers(tasks);
  const text = json({
    tasks: Object.fromEntries(
      tasks.map(({ cached, hash, id, inputs, name, outputs, process, script }) => [
        hash,
        {
          ...{ id: String(id), name, cached, process, script },
          inputs: inputs.map((input) => ({ name: input.name, value: plain(input.value) })),
          outputs: outputs.map(({ emit = null, name: output, value }) => ({
            ...{ name: output, emit, value: plain(value) },
          })),
        },
      ]),
    ),
    published: published.map(({ source, target }) => ({
      ...{ source, target, publishingTaskId: String(made.get(source)?.id ?? '') },
    })),
  });
  return { text };
}
