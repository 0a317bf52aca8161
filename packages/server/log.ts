import { pino } from 'pino';
import type { Log } from '@helicase/kernel';
import type { Configuration } from './configuration.ts';

/** One JSON object a line on standard output; access keys and signatures never get in. */
export function processLog(level: Configuration['logLevel']): Log {
  return pino({
    ...{ level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    // JSON has nothing of an Error: what happened would be lost.
    serializers: { error: pino.stdSerializers.err },
  });
}
