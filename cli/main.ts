import { EXIT_CODES, InterruptedError } from "../shared/program/errors.ts";
import { systemHost } from "../shared/program/system_host.ts";
import { runProgram } from "./program.ts";

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    // Whoever asks twice does not want to wait for the clean-up.
    if (interruption.signal.aborted) Deno.exit(EXIT_CODES[signal]);
    interruption.abort(new InterruptedError(signal));
  });
}
Deno.exit(await runProgram(Deno.args, systemHost(), interruption.signal));
