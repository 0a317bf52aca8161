import { keepCompiled } from './bundle/bundled.ts';

// The program from its sources alone: what is loaded after this line is kept compiled.
keepCompiled();
const { commandLine } = await import('./command-line.ts');
await commandLine(process.argv.slice(2));
