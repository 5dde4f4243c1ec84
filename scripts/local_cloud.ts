import process from "node:process";
import { Command, CommanderError } from "commander";
import { plainText } from "../shared/output/plain_text.ts";
import { whenInterrupted } from "./local_cloud/machine/interruption.ts";
import { planRun } from "./local_cloud/run/plan_run.ts";
import { runPipeline } from "./local_cloud/run/run_pipeline.ts";
import { RUN_EXIT_CODES, runExitCode, runSummary } from "./local_cloud/run/run_summary.ts";
import { parseVariable } from "./local_cloud/run/run_variables.ts";
import { type CloudFlags, narrate, withCloudFlags, withServedCloud } from "./local_cloud/served_cloud.ts";
import { shellStep } from "./local_cloud/shell_step.ts";
import { exportLines, shellUsage } from "./local_cloud/shell_usage.ts";

interface ServeFlags extends CloudFlags {
  readonly pipeline?: string;
}

interface RunFlags extends CloudFlags {
  readonly source: string;
  readonly pipeline?: string;
  readonly variable?: Readonly<Record<string, string>>;
  readonly approve?: string;
}

const command = withCloudFlags(
  new Command("deno task local-cloud")
    .description(
      "Serves STS, CodeBuild, CloudWatch Logs, KMS and Bitbucket on this machine, with a release of this checkout and a " +
        "stand-in for Atlassian's runner. Builds and steps really run, as your own user: give it only what you trust.",
    )
    .enablePositionalOptions()
    .exitOverride()
    .option("--pipeline <file>", "a bitbucket-pipelines.yml whose default pipeline is run at once"),
  "4566",
).action(serve);

withCloudFlags(
  command.command("run")
    .description("Runs one pipeline of a file on a local cloud of its own, and ends with its result.")
    .argument("<file>", "a bitbucket-pipelines.yml")
    .option(
      "--source <dir>",
      "the repository: what is committed there is cloned; a folder that is none is copied",
      ".",
    )
    .option(
      "--pipeline <which>",
      "default, custom:NAME, branch:NAME, tag:NAME or pull-request:NAME[:DESTINATION]; without it, the one for a push of " +
        "the source's branch",
    )
    .option(
      "--variable <name=value>",
      "a variable of the pipeline's steps; NAME alone takes its value from here; may be repeated",
      (text: string, variables: Record<string, string> = {}) => {
        const [name, value] = parseVariable(text, Deno.env.toObject());
        return { ...variables, [name]: value };
      },
    )
    .option(
      "--approve <which>",
      "«all» starts manual steps at once, as somebody would who presses every button",
    ),
  "0",
).addHelpText(
  "after",
  `
Ends with ${RUN_EXIT_CODES.passed} if the pipeline was successful, ${RUN_EXIT_CODES.failed} if it failed or was stopped, ${RUN_EXIT_CODES.notRun} if it was not run because the file,
a flag or the source is wrong, ${RUN_EXIT_CODES.waits} if it waits at a manual step (without --approve all), and 130 or 143 when
it is interrupted. Warnings name what of the file is not played here.`,
).action(run);

try {
  await command.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  // Of its own errors Commander has told already.
  if (!(error instanceof CommanderError)) warn(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = isHelp ? 0 : Deno.args[0] === "run" ? RUN_EXIT_CODES.notRun : 1;
}

async function serve(flags: ServeFlags): Promise<void> {
  const interrupted = whenInterrupted();
  try {
    await withServedCloud(flags, async ({ cloud, bin, image }) => {
      const env = { ...cloud.env, ...image, ...await shellStep(cloud) };
      process.stdout.write(`${shellUsage(exportLines(env, bin), cloud.url)}\n`);
      const stop = flags.quiet ? () => {} : narrate(cloud, say);
      if (flags.pipeline !== undefined) {
        cloud.bitbucket.startPipeline(await Deno.readTextFile(flags.pipeline));
      }
      await interrupted.exitCode;
      stop();
    });
  } finally {
    interrupted.stop();
  }
}

async function run(file: string, flags: RunFlags): Promise<void> {
  if (flags.approve !== undefined && flags.approve !== "all") {
    throw new Error("Cannot use --approve: it takes all");
  }
  const interrupted = whenInterrupted();
  const folder = await Deno.makeTempDir({ prefix: "localcloud-run-" });
  try {
    const { source, pipeline, variable: variables = {}, approve } = flags;
    const plan = await planRun(
      { file, source, pipeline, variables, approves: approve === "all" },
      folder,
      warn,
    );
    if (plan === undefined) return void (process.exitCode = RUN_EXIT_CODES.notRun);
    await withServedCloud(flags, async ({ cloud }) => {
      cloud.bitbucket.settings.sources = plan.sources;
      const stop = flags.quiet ? () => {} : narrate(cloud, say);
      const ending = await Promise.race([interrupted.exitCode, runPipeline(cloud, plan)]);
      stop();
      if (typeof ending === "number") return void (process.exitCode = ending);
      say("");
      for (const line of runSummary(plan.title, ending, cloud.codeBuild.builds, cloud.faults.struck)) {
        say(line);
      }
      process.exitCode = runExitCode(ending);
    });
  } finally {
    interrupted.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** A line that whoever has written the file, or prints in a step, can make no other line of. */
function say(text: string): void {
  process.stdout.write(`${plainText(text)}\n`);
}

function warn(text: string): void {
  process.stderr.write(`${plainText(text)}\n`);
}
