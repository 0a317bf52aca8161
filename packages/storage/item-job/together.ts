/** Work on several things at once. One that fails ends the others too; rejects with its error when all have ended. */
export async function together<T>(
  things: readonly T[],
  signal: AbortSignal,
  work: (thing: T, index: number, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const works = things.map(async (thing, index) => {
    try {
      await work(thing, index, either);
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(works);
  failure.signal.throwIfAborted();
}
