/** Polite towards a platform, and short enough for as many as a build has runners. */
const AT_ONCE = 4;

/**
 * What `run` makes of each item, in their order, a few at a time. Once one fails, no other begins, the signal tells those under
 * way, and the failure counts once they have ended.
 */
export async function fewAtATime<T, R>(
  items: readonly T[],
  run: (item: T, failed: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failed = new AbortController();
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) {
      if (failed.signal.aborted) return;
      results[index] = await run(item, failed.signal);
    }
  };
  const workers = Array.from(
    { length: Math.min(AT_ONCE, items.length) },
    () => worker().catch((error) => failed.abort(error)),
  );
  await Promise.all(workers);
  failed.signal.throwIfAborted();
  return results;
}
