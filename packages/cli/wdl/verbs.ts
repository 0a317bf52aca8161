import { mustBeThere } from '../local/given-files.ts';
import { UsageError } from '../usage-error.ts';

export interface WdlFlags {
  readonly inputs?: string;
  readonly task?: string;
  readonly outdir?: string;
  readonly lenient?: boolean;
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly noContainer?: boolean;
  readonly noSandbox?: boolean;
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
      mustBeThere(files);
      return (await import('./check.ts')).wdlCheck(files, { lenient, strict });
    case 'run':
      if (others.length > 0)
        throw new UsageError('helicase wdl run takes one file; inputs are given with -i.');
      mustBeThere([file, ...(flags.inputs === undefined ? [] : [flags.inputs])]);
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
  noSandbox,
  outdir = '.',
  quiet = false,
  resume,
  task,
}: WdlFlags) {
  const without = noSandbox === true ? '--no-sandbox' : noContainer === true ? '--no-container' : undefined;
  if (without !== undefined && images !== undefined)
    throw new UsageError(`${without} and --images contradict each other.`);
  if (noSandbox === true && resume !== undefined)
    throw new UsageError(
      '--resume needs the sandbox: without it a task sees where it runs, which is another place in every run.',
    );
  const folder = images === undefined ? {} : { folder: images };
  return {
    ...{ lenient, outdir, quiet, sandbox: noSandbox !== true },
    ...(inputs !== undefined && { inputs }),
    ...(task !== undefined && { task }),
    ...(resume !== undefined && { resume }),
    ...(without === undefined && { images: folder }),
  };
}
