const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls when the signal aborts, unless what it answers was called before. Thousands of tasks wait with the one signal of
 * their run, and an AbortSignal looks through all of its listeners whenever one is added: it gets one for them together.
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  const calls = waiting.get(signal) ?? listen(signal);
  calls.add(call);
  return () => void calls.delete(call);
}

function listen(signal: AbortSignal): Set<() => void> {
  const calls = new Set<() => void>();
  waiting.set(signal, calls);
  signal.addEventListener('abort', () => calls.forEach((call) => call()), { once: true });
  return calls;
}
