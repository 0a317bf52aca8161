import { ToolObject } from '../evaluate/classes/builders.ts';
import { text } from '../values/text.ts';

/** Where a run tells what happens: the terminal, `.nextflow.log`, the run's log on a server. */
export interface RunLog {
  /** What the script prints. */
  print(text: string): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', origin: string, message: string): void;
}

/** `log.info` and its like. */
export function scriptLog(log: RunLog): ToolObject {
  const say =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    ([message]: readonly unknown[]) => {
      log.log(level, 'nextflow.Nextflow', text(message));
      return null;
    };
  return new ToolObject('Logger', {
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    debug: say('debug'),
    trace: say('debug'),
    isDebugEnabled: () => false,
  });
}
