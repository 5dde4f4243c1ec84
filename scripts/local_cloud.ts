import process from "node:process";
import { Command } from "commander";
import { whenInterrupted } from "./local_cloud/machine/interruption.ts";
import { makeLocalRelease } from "./local_cloud/local_release.ts";
import { makeStandInImage, removeStandInImage } from "./local_cloud/stand_in/stand_in_image.ts";
import { readPlatformProfile } from "./local_cloud/platform_profile.ts";
import { timelineLine } from "./local_cloud/narration.ts";
import { type LocalCloud, startLocalCloud } from "./local_cloud/start_local_cloud.ts";
import { stepVariables } from "./local_cloud/step_variables.ts";

interface Flags {
  readonly port: string;
  readonly buildspec?: string;
  readonly pipeline?: string;
  readonly docker?: true;
  readonly platform?: string;
  readonly quiet?: true;
}

const IMAGE = "stand-in-runner:local-cloud";

const command = new Command("deno task local-cloud")
  .description(
    "Serves STS, CodeBuild, CloudWatch Logs, KMS and Bitbucket on this machine, with a release of this checkout and a " +
      "stand-in for Atlassian's runner. Builds and steps really run, as your own user: give it only what you trust.",
  )
  .option("--port <port>", "port on 127.0.0.1; 0 takes a free one", "4566")
  .option("--buildspec <file>", "the CodeBuild project's own buildspec, for start-runner --custom-buildspec")
  .option("--pipeline <file>", "a bitbucket-pipelines.yml whose default pipeline is run at once")
  .option(
    "--docker",
    "put a stand-in for Atlassian's runner image on this machine's Docker, for --runner-type docker",
  )
  .option("--platform <file>", "play the answers in a profile that «deno task probe» has written")
  .option("--quiet", "do not print what happens")
  .action(serve);

try {
  await command.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function serve(flags: Flags): Promise<void> {
  if (!/^\d+$/.test(flags.port)) throw new Error("Cannot use --port: it takes a whole number");
  const bitbucket = flags.platform === undefined
    ? {}
    : readPlatformProfile(await Deno.readTextFile(flags.platform));
  const interrupted = whenInterrupted();
  const folder = await Deno.makeTempDir({ prefix: "local-cloud-release-" });
  try {
    const release = await makeLocalRelease(folder);
    const cloud = await startLocalCloud({
      port: Number(flags.port),
      releaseFolder: release.folder,
      bitbucket,
    });
    try {
      if (flags.docker) await makeStandInImage(IMAGE, cloud.socket);
      await announce(cloud, flags, release.bin);
      await interrupted.exitCode;
    } finally {
      if (flags.docker) await removeStandInImage(IMAGE);
      await cloud.close();
    }
  } finally {
    interrupted.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

async function announce(cloud: LocalCloud, flags: Flags, bin: string): Promise<void> {
  const image: Record<string, string> = flags.docker
    ? { RUNNER_IMAGE: IMAGE, RUNNER_HAND_ON: "RUNNER_IMAGE" }
    : {};
  cloud.bitbucket.settings.variables = { ...stepVariables(cloud, bin), ...image };
  if (flags.buildspec !== undefined) useBuildspec(cloud, await Deno.readTextFile(flags.buildspec));
  say(usage({ ...cloud.env, ...image }, bin));
  const startedAt = Date.now();
  if (!flags.quiet) {
    cloud.happenings.on((happening) => {
      const line = timelineLine(happening, startedAt);
      if (line !== undefined) say(line);
    });
  }
  if (flags.pipeline !== undefined) cloud.bitbucket.startPipeline(await Deno.readTextFile(flags.pipeline));
}

function useBuildspec(cloud: LocalCloud, buildspec: string): void {
  for (const [name, project] of cloud.codeBuild.projects) {
    cloud.codeBuild.projects.set(name, { ...project, buildspec });
  }
}

function usage(env: Readonly<Record<string, string>>, bin: string): string {
  const pipelines = `${env["BITBUCKET_API_URL"]}/repositories/acme/demo/pipelines`;
  const exports = Object.entries(env).map(([name, value]) => `  export ${name}=${value}`);
  return [
    `The local cloud serves at ${env["AWS_ENDPOINT_URL"]} until Ctrl-C. To use it from a shell:`,
    "",
    ...exports,
    "",
    "To run a pipeline file; start-runner is on the PATH of its steps:",
    "",
    `  curl -X POST -u 'dev@example.com:local-cloud-api-token' -H 'Content-Type: application/yaml' \\`,
    `    --data-binary @bitbucket-pipelines.yml ${pipelines}`,
    "",
    `To run start-runner yourself: ${bin}/start-runner --help`,
    "",
  ].join("\n");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
