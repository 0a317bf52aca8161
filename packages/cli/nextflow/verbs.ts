import { ScriptFault } from '@helicase/nextflow';
import { parseNextflow, type NextflowCommand } from './arguments.ts';
import { answerOf } from './help.ts';

/** `helicase nextflow ...`, with Nextflow's own option names; answers the exit status. Each verb loads its own code. */
export async function nextflow(argv: readonly string[]): Promise<number> {
  const answer = answerOf(argv);
  if (answer !== undefined) {
    console.log(answer);
    return argv.length === 0 ? 1 : 0;
  }
  const command = parseNextflow(argv);
  if (typeof command === 'string') {
    console.error(command);
    return 1;
  }
  try {
    return await perform(command);
  } catch (error) {
    if (!(error instanceof ScriptFault)) throw error;
    console.error(error.describe());
    return 1;
  }
}

async function perform(command: NextflowCommand): Promise<number> {
  switch (command.verb) {
    case 'run':
      return await (await import('./run.ts')).run(command);
    case 'config':
      return (await import('./config.ts')).config(command);
    case 'lint':
      return (await import('./lint.ts')).lint(command);
    case 'inspect':
      return await (await import('./inspect.ts')).inspect(command);
    case 'secrets':
      return (await import('./secrets.ts')).secrets(command.positionals);
    case 'log':
    case 'clean': {
      const { History } = await import('./history.ts');
      const history = new History(process.cwd());
      return command.verb === 'log'
        ? (await import('./log.ts')).log(command, history)
        : (await import('./clean.ts')).clean(command, history);
    }
  }
}
