import { parentPort, workerData } from 'node:worker_threads';
import { observe } from './observer.ts';

/** A thread of its own for the door: tests that wait for a program without their event loop pass it all the same. */
const observer = await observe(workerData as string);
parentPort!.postMessage(observer.url);
parentPort!.once('message', async () => {
  parentPort!.postMessage(observer.faults());
  await observer.close();
});
