import type { FileAccess } from '../evaluate/files.ts';
import { EvaluationError } from '../evaluate/value.ts';
import type { Localization } from './localization.ts';

/** The file functions of a task before its command has run: they reach its inputs. */
export function inputAccess(localization: Localization): FileAccess {
  const { places } = localization;
  const tooEarly = (name: string) =>
    new EvaluationError(`${name}() has no meaning before the command has run.`);
  const target = async (path: string): Promise<string> => {
    if (places.holds(path)) return path;
    // A path made of a string, not declared as File: the task is given it too, so that both see the same.
    const adopted = await localization.adopt({ kind: 'File', value: path });
    return adopted.kind === 'File' ? adopted.value : path;
  };
  return {
    read: async (path) => localization.read(await target(path)),
    size: async (path) => localization.size(await target(path)),
    write: (content, extension) => Promise.resolve(localization.literal(content, extension)),
    workDirectory: places.work,
    glob: () => Promise.reject(tooEarly('glob')),
    stdout: () => {
      throw tooEarly('stdout');
    },
    stderr: () => {
      throw tooEarly('stderr');
    },
  };
}
