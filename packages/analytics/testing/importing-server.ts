import { TestAnalytics } from './room.ts';

// A server that does nothing but go on with its jobs; the crash test ends it with SIGKILL.
await TestAnalytics.open({ directory: process.argv[2]! });
process.stdout.write('ready\n');
setInterval(() => {}, 1000);
