import process from "node:process";
import { Command } from "commander";
import { InterruptedError } from "../shared/program/errors.ts";
import { reportFailure } from "../shared/output/failure.ts";
import { Logger } from "../shared/output/log.ts";
import { Redactor } from "../shared/output/redact.ts";
import { systemHost } from "../shared/program/system_host.ts";
import { factsFrom } from "./probe/judge/fact_table.ts";
import { profileFrom } from "./probe/judge/profile.ts";
import { factTable } from "./probe/judge/report.ts";
import { createProbe, killAll, type Probe } from "./probe/live/probe.ts";
import { type ProbeFlags, readProbeOptions } from "./probe/live/probe_options.ts";
import { leftHint, runProbe } from "./probe/run_probe.ts";

const host = systemHost();
const log = new Logger(host, "text", new Redactor());

const command = new Command("deno task probe")
  .description(
    "Tries on the live Bitbucket what is not known for sure of it, with runners of its own on which nothing " +
      "runs, and removes them again. Credentials come from the same variables as the agent's, with the scope runner:write.",
  )
  .requiredOption("--workspace <workspace>", "slug or UUID")
  .requiredOption("--repository <repository>", "slug or UUID")
  .option("--profile <file>", "write what was seen as settings for deno task local-cloud --platform")
  .option("--json", "print the facts as JSON")
  .option(
    "--step",
    "also try what takes a running step, with a pipeline of one's own and a runner on this machine",
  )
  .option("--label <label>", "with --step: the label the pipeline asks for; one of its own when left out")
  .option("--branch <branch>", "with --step: the branch the pipeline runs on", "main")
  .option("--runner <folder>", "with --step: where Atlassian's runner is unpacked", "/runner")
  .action(run);

try {
  await command.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  process.exitCode = reportFailure(error, { host, format: "text", redactor: log.redactor });
}

async function run(flags: ProbeFlags): Promise<void> {
  const interrupt = new AbortController();
  const probe = createProbe(host, readProbeOptions(flags, host.env), log, interrupt.signal);
  const stopListening = onInterruption((signal) => {
    if (interrupt.signal.aborted) giveUp(probe, signal);
    log.warning(`Interrupted by ${signal}: removing what was registered; once more gives up`);
    interrupt.abort(new InterruptedError(signal));
  });
  try {
    const found = await runProbe(probe);
    const facts = factsFrom(found, flags.step ?? false);
    const profile = profileFrom(found);
    host.stdout.write(flags.json ? `${JSON.stringify({ facts, profile }, null, 2)}\n` : factTable(facts));
    if (flags.profile !== undefined) {
      await Deno.writeTextFile(flags.profile, `${JSON.stringify(profile, null, 2)}\n`);
    }
    log.info(`${probe.client.requests} requests; nothing is left`);
  } finally {
    stopListening();
  }
}

function onInterruption(act: (signal: "SIGINT" | "SIGTERM") => void): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const listeners = signals.map((signal) => [signal, () => act(signal)] as const);
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return () => listeners.forEach(([signal, listener]) => Deno.removeSignalListener(signal, listener));
}

function giveUp({ runners, prefix, processes }: Probe, signal: "SIGINT" | "SIGTERM"): never {
  killAll(processes);
  host.stderr.write(
    `error: Given up before everything was removed\nhint: ${leftHint(runners.known, prefix)}\n`,
  );
  Deno.exit(new InterruptedError(signal).exitCode);
}
