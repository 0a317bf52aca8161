#!/usr/bin/env node
// The name that the CWL specification gives to a command line runner: `cwl-runner TOOL [JOB]`.
process.argv.splice(2, 0, 'cwl', 'run');
await import('./helicase.mjs');
