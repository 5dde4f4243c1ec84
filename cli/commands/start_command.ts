import type { Host } from "../../shared/program/host.ts";
import type { LogFormat, Logger } from "../../shared/output/log.ts";
import type { Redactor } from "../../shared/output/redact.ts";
import { writeLine, writeObject } from "../../shared/output/write_line.ts";
import { EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import type { CommandLine } from "../options/command_line.ts";
import { isJob, jobOptions } from "../options/job_options.ts";
import { startOptions } from "../options/options.ts";
import { type StartConfig, startConfig } from "../options/start_config.ts";
import type { StartRecord } from "../progress/start_record.ts";
import { type Command, type CommandContext, refuseProblems } from "./command.ts";
import { start } from "../start/start.ts";
import type { OnlineRunner } from "../start/started.ts";

/** Starts a build and waits for its runner: what start-runner is there for. */
export const startCommand: Command = {
  name: "start",
  operands: [],
  options: { ...startOptions, ...jobOptions },
  about: "",
  async run(line, { host, log, format, signal }) {
    if (isJob(line.flags)) return await startJob(line, { host, log, format, signal });
    const warn = onceOfMisspelt(host.env, log);
    const { config, problems: found, note } = await readConfig(line.flags, host.env);
    const problems = [...line.problems, ...found];
    if (problems.length > 0) await warn();
    refuseProblems(problems);
    if (note !== undefined) log.info(note);
    if (config.dryRun) {
      await warn();
      const { dryRun } = await import("../launch/dry_run.ts");
      dryRun(config, { host, redactor: log.redactor });
      return EXIT_CODES.ok;
    }
    const record = await openRecord(config, log);
    try {
      const online = await start({
        host,
        log,
        config,
        signal,
        known: async (facts) => {
          await warn();
          await record?.note(facts);
        },
      });
      await record?.note({ state: "online" });
      writeResult(online, { host, format, redactor: log.redactor });
      return EXIT_CODES.ok;
    } catch (error) {
      await warn();
      const exitCode = error instanceof ProgramError ? error.exitCode : EXIT_CODES.failed;
      await record?.note({ state: "failed", exitCode });
      throw error;
    }
  },
};

/** Warns of misspelt variables, once: not before StartBuild, which it would put off, unless nothing comes of that. */
function onceOfMisspelt(env: Host["env"], log: Logger): () => Promise<void> {
  let warning: Promise<void> | undefined;
  const warn = async () => {
    const { misspeltVariables } = await import("../options/misspelt_variables.ts");
    for (const misspelt of misspeltVariables(env)) log.warning(misspelt);
  };
  return () => warning ??= warn();
}

/** What reads the pipeline's file for `--runners auto` is loaded by nobody else. */
async function readConfig(flags: CommandLine["flags"], env: Host["env"]) {
  const read = startConfig(flags, env);
  if (!read.config.countsRunners) return { ...read, note: undefined };
  const { countedConfig } = await import("../start/auto_runners.ts");
  return await countedConfig(flags, env);
}

/** Where somebody wants one; loaded by nobody else. */
async function openRecord(
  { output, project, region }: StartConfig,
  log: Logger,
): Promise<StartRecord | undefined> {
  if (output === undefined) return undefined;
  const { StartRecord } = await import("../progress/start_record.ts");
  return await StartRecord.open(output, log, { project, region });
}

/** Any other build of the project; loaded here, since a start with a runner needs nothing of it. */
async function startJob(
  { flags, problems }: CommandLine,
  context: Pick<CommandContext, "host" | "log" | "format" | "signal">,
): Promise<number> {
  const { prepareJob } = await import("../jobs/prepare_job.ts");
  const prepared = await prepareJob(flags, context);
  refuseProblems([...problems, ...prepared.problems]);
  const { runJob } = await import("../jobs/run_job.ts");
  await runJob({ ...context, ...prepared.job });
  return EXIT_CODES.ok;
}

interface Output {
  readonly host: Pick<Host, "stdout">;
  readonly format: LogFormat;
  readonly redactor: Redactor;
}

function writeResult(online: OnlineRunner, { host, format, redactor }: Output): void {
  if (format === "json") return writeObject(host.stdout, { ...online }, redactor);
  for (const { runners, build } of online.builds ?? [online]) {
    for (const runner of runners) writeLine(host.stdout, runner, redactor, "Runner online: ");
    writeLine(host.stdout, build, redactor, "Build: ");
  }
}
