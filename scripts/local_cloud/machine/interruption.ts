/** Resolves to the exit code when the program is interrupted, which then is the caller's to end. */
export function whenInterrupted(): { exitCode: Promise<130 | 143>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<130 | 143>();
  const onInterrupt = () => resolve(130);
  const onTerminate = () => resolve(143);
  Deno.addSignalListener("SIGINT", onInterrupt);
  Deno.addSignalListener("SIGTERM", onTerminate);
  return {
    exitCode: promise,
    stop: () => {
      Deno.removeSignalListener("SIGINT", onInterrupt);
      Deno.removeSignalListener("SIGTERM", onTerminate);
    },
  };
}
