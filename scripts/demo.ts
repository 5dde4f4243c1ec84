import process from "node:process";
import { Command } from "commander";
import { whenInterrupted } from "./local_cloud/machine/interruption.ts";
import { timelinePicture } from "./demo/picture.ts";
import { pictureRows } from "./demo/picture_rows.ts";
import { play } from "./demo/play.ts";
import { type Scenario, SCENARIOS } from "./demo/scenario.ts";
import { summaryLines, unexpectedIn } from "./demo/summary.ts";
import { type LocalRelease, makeLocalRelease } from "./local_cloud/local_release.ts";
import type { Happening } from "./local_cloud/server/happenings.ts";
import { timelineLine } from "./local_cloud/narration.ts";
import { startLocalCloud } from "./local_cloud/start_local_cloud.ts";
import { stepVariables } from "./local_cloud/step_variables.ts";
import type { ProgramForm } from "./programs/program_source.ts";

interface Flags {
  readonly multiStep?: true;
  readonly failStep?: true;
  readonly stopPipeline?: true;
  readonly keep?: string;
  readonly picture?: string;
  readonly bundled?: true;
  readonly programs?: string;
}

const command = new Command("deno task demo")
  .description(
    "Plays a sample pipeline on a local cloud: the real start-runner, installer and agent, with a stand-in for " +
      "Atlassian's runner. Nothing outside this machine is touched. Ends with 0 when all went as it should.",
  )
  .option("--multi-step", "two self-hosted steps on one runner")
  .option("--fail-step", "the self-hosted step fails")
  .option("--stop-pipeline", "somebody stops the pipeline while the self-hosted step runs")
  .option("--keep <dir>", "write the timeline and the build's log to files in this folder")
  .option("--picture <file>", "draw the timeline of pipeline, build and runner as SVG")
  .option("--bundled", "with each program bundled into one file")
  .option("--programs <dir>", "with executables made before by «deno task compile --out dir»")
  .action(demo);

try {
  await command.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function demo(flags: Flags): Promise<void> {
  const scenario = SCENARIOS[scenarioName(flags)];
  const form = programForm(flags);
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(line);
    process.stdout.write(`${line}\n`);
  };
  // Ctrl-C ends the play, not the clearing up after it.
  const interrupted = whenInterrupted();
  const folder = await Deno.makeTempDir({ prefix: "bitbucket-runner-demo-" });
  try {
    say(scenario.story);
    say("Making a release of this checkout …");
    const release = await makeLocalRelease(folder, ["shell"], form);
    const { buildLog, happenings } = await playWith(release, scenario, interrupted.exitCode, say);
    if (flags.keep !== undefined) await keepLogs(flags.keep, lines, buildLog);
    if (flags.picture !== undefined) {
      await Deno.writeTextFile(flags.picture, timelinePicture(pictureRows(happenings), scenario.story));
    }
  } finally {
    interrupted.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

interface Played {
  readonly buildLog: readonly string[];
  readonly happenings: readonly Happening[];
}

/** Sets the exit code, and returns the build's log and what happened. */
async function playWith(
  release: LocalRelease,
  scenario: Scenario,
  interruption: Promise<number>,
  say: (line: string) => void,
): Promise<Played> {
  const cloud = await startLocalCloud({ releaseFolder: release.folder, codeBuild: { provisioningMs: 300 } });
  try {
    cloud.bitbucket.settings.variables = stepVariables(cloud, release.bin);
    const startedAt = Date.now();
    cloud.happenings.on((happening) => {
      const line = timelineLine(happening, startedAt);
      if (line !== undefined) say(line);
    });
    const yaml = await Deno.readTextFile(new URL("demo/bitbucket-pipelines.yml", import.meta.url));
    const ending = await Promise.race([interruption, play(cloud, scenario, yaml)]);
    if (typeof ending === "number") {
      process.exitCode = ending;
      return { buildLog: [], happenings: cloud.happenings.all };
    }
    const unexpected = unexpectedIn(scenario, ending);
    say("");
    for (const line of summaryLines(cloud, ending, unexpected)) say(line);
    process.exitCode = unexpected.length === 0 ? 0 : 1;
    const buildLog = ending.build?.log.events.map(({ message }) => message) ?? [];
    return { buildLog, happenings: cloud.happenings.all };
  } finally {
    await cloud.close();
  }
}

function scenarioName({ multiStep, failStep, stopPipeline }: Flags): keyof typeof SCENARIOS {
  if (Number(multiStep ?? 0) + Number(failStep ?? 0) + Number(stopPipeline ?? 0) > 1) {
    throw new Error("Cannot combine --multi-step, --fail-step and --stop-pipeline: choose one");
  }
  if (multiStep) return "multi-step";
  if (failStep) return "fail-step";
  return stopPipeline ? "stop-pipeline" : "one-step";
}

function programForm({ bundled, programs }: Flags): ProgramForm {
  if (bundled && programs !== undefined) {
    throw new Error("Cannot combine --bundled and --programs: choose one");
  }
  if (programs !== undefined) return { form: "made before", folder: programs };
  return { form: bundled ? "bundled" : "from source" };
}

async function keepLogs(
  folder: string,
  timeline: readonly string[],
  buildLog: readonly string[],
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/timeline.txt`, `${timeline.join("\n")}\n`);
  await Deno.writeTextFile(`${folder}/build.log`, buildLog.join(""));
}
