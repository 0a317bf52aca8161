import { FileType } from '@aws-sdk/client-omics';

/** `['sources', 0, 'sampleId']` */
export type Path = readonly (string | number)[];

export interface ManifestFault {
  readonly path: Path;
  readonly says: string;
}

type Check = (value: unknown, path: Path) => readonly ManifestFault[];
interface Member {
  readonly check: Check;
  readonly required?: boolean;
}

const text: Check = (value, path) => {
  if (typeof value === 'string' && value !== '') return [];
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  const remedy = isScalar ? `, not the ${typeof value} ${value}: put it in quotes` : ' that is not empty';
  return [{ path, says: `${nameOf(path)} must be text${remedy}` }];
};

const fileType: Check = (value, path) => {
  const known: readonly unknown[] = Object.values(FileType);
  if (known.includes(value)) return [];
  return [{ path, says: `${nameOf(path)} must be one of ${known.join(', ')}, not ${JSON.stringify(value)}` }];
};

const tags: Check = (value, path) => {
  if (!isObject(value)) return [{ path, says: `${nameOf(path)} must be an object of texts` }];
  return Object.entries(value).flatMap(([name, tag]) => (tag === '' ? [] : text(tag, [...path, name])));
};

const sourceFiles = objectOf({ source1: { check: text, required: true }, source2: { check: text } });

const source = objectOf({
  sourceFiles: { check: sourceFiles, required: true },
  sourceFileType: { check: fileType, required: true },
  subjectId: { check: text, required: true },
  sampleId: { check: text, required: true },
  ...{ generatedFrom: { check: text }, referenceArn: { check: text } },
  ...{ name: { check: text }, description: { check: text }, tags: { check: tags } },
});

const sources: Check = (value, path) => {
  if (!Array.isArray(value) || value.length === 0)
    return [{ path, says: `${nameOf(path)} must be a list of at least one source` }];
  return value.flatMap((each: unknown, index) => source(each, [...path, index]));
};

const manifest = objectOf({
  sequenceStoreId: { check: text },
  roleArn: { check: text },
  sources: { check: sources, required: true },
});

/** What keeps a value from being an import manifest; what the values mean the server judges. */
export function manifestFaults(value: unknown): readonly ManifestFault[] {
  return manifest(value, []);
}

/** An unknown member is a fault: a misspelled `refrenceArn` would be lost without a word. */
function objectOf(members: Readonly<Record<string, Member>>): Check {
  return (value, path) => {
    const names = Object.keys(members).join(', ');
    if (!isObject(value)) return [{ path, says: `${nameOf(path)} must be an object with ${names}` }];
    const unknown = Object.keys(value)
      .filter((name) => !Object.hasOwn(members, name))
      .map((name) => ({
        path: [...path, name],
        says: `${nameOf([...path, name])} is not known; known: ${names}`,
      }));
    const faults = Object.entries(members).flatMap(([name, { check, required }]) => {
      if (value[name] !== undefined) return check(value[name], [...path, name]);
      return required ? [{ path, says: `${nameOf([...path, name])} is missing` }] : [];
    });
    return [...unknown, ...faults];
  };
}

function nameOf(path: Path): string {
  if (path.length === 0) return 'the manifest';
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
