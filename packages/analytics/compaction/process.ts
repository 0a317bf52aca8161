import { mergeFiles, type MergeRequest } from './merge.ts';

// A process of its own: what a native library takes in memory, or a fault of it, is the server's in no case.
process.on('disconnect', () => process.exit(1));

const rows = await mergeFiles(JSON.parse(process.argv[2]!) as MergeRequest);
process.send!(rows, () => process.exit(0));
