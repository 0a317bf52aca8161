import { UsageError } from '../usage-error.ts';

export interface WdlFlags {
  readonly inputs?: string;
  readonly task?: string;
  readonly outdir?: string;
  readonly lenient?: boolean;
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly noContainer?: boolean;
  readonly images?: string;
  readonly resume?: string;
}

/** `helicase wdl VERB ...`. Each verb's code is loaded when it is called. */
export async function wdlVerb(flags: WdlFlags, [verb, ...files]: readonly string[]): Promise<number> {
  const { lenient = false, strict = false } = flags;
  const [file, ...others] = files;
  if (file === undefined) throw new UsageError(`helicase wdl ${verb ?? 'run'} needs the file of a document.`);
  switch (verb) {
    case 'check':
      return (await import('./check.ts')).wdlCheck(files, { lenient, strict });
    case 'run':
      if (others.length > 0)
        throw new UsageError('helicase wdl run takes one file; inputs are given with -i.');
      return (await import('./run.ts')).wdlRun(file, runFlags(flags));
    default:
      throw new UsageError(`helicase wdl has the verbs check and run, not ${verb}.`);
  }
}

function runFlags({
  images,
  inputs,
  lenient = false,
  noContainer,
  outdir = '.',
  quiet = false,
  resume,
  task,
}: WdlFlags) {
  if (noContainer === true && images !== undefined)
    throw new UsageError('--no-container and --images contradict each other.');
  const folder = images === undefined ? {} : { folder: images };
  return {
    ...{ lenient, outdir, quiet },
    ...(inputs !== undefined && { inputs }),
    ...(task !== undefined && { task }),
    ...(resume !== undefined && { resume }),
    ...(noContainer !== true && { images: folder }),
  };
}
