import { EXIT_CODES, InterruptedError } from "../shared/program/errors.ts";
import { systemHost } from "../shared/program/system_host.ts";
import { runAgent } from "./program.ts";

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    if (interruption.signal.aborted) Deno.exit(EXIT_CODES[signal]);
    interruption.abort(new InterruptedError(signal));
  });
}

Deno.exit(await runAgent(systemHost(), Deno.args, interruption.signal));
