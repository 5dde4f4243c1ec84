import process from "node:process";
import { Command } from "commander";
import { whenInterrupted } from "./local_cloud/interruption.ts";
import { makeLocalRelease } from "./local_cloud/local_release.ts";
import { timelineLine } from "./local_cloud/narration.ts";
import { type LocalCloud, startLocalCloud } from "./local_cloud/start_local_cloud.ts";
import { stepVariables } from "./local_cloud/step_variables.ts";

interface Flags {
  readonly port: string;
  readonly buildspec?: string;
  readonly pipeline?: string;
  readonly quiet?: true;
}

const command = new Command("deno task local-cloud")
  .description(
    "Serves STS, CodeBuild, CloudWatch Logs and Bitbucket on this machine, with a release of this checkout and a " +
      "stand-in for Atlassian's runner. Builds and steps really run, as your own user: give it only what you trust.",
  )
  .option("--port <port>", "port on 127.0.0.1", "4566")
  .option("--buildspec <file>", "the CodeBuild project's own buildspec, for start-runner --custom-buildspec")
  .option("--pipeline <file>", "a bitbucket-pipelines.yml whose default pipeline is run at once")
  .option("--quiet", "do not print what happens")
  .action(serve);

try {
  await command.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function serve(flags: Flags): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "local-cloud-release-" });
  try {
    const release = await makeLocalRelease(folder);
    const cloud = await startLocalCloud({ port: Number(flags.port), releaseFolder: release.folder });
    try {
      await run(cloud, flags, release.bin);
    } finally {
      await cloud.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(cloud: LocalCloud, flags: Flags, bin: string): Promise<void> {
  cloud.bitbucket.settings.variables = stepVariables(cloud, bin);
  if (flags.buildspec !== undefined) useBuildspec(cloud, await Deno.readTextFile(flags.buildspec));
  say(usage(cloud, bin));
  const startedAt = Date.now();
  if (!flags.quiet) {
    cloud.happenings.on((happening) => {
      const line = timelineLine(happening, startedAt);
      if (line !== undefined) say(line);
    });
  }
  if (flags.pipeline !== undefined) cloud.bitbucket.startPipeline(await Deno.readTextFile(flags.pipeline));
  await whenInterrupted().exitCode;
}

function useBuildspec(cloud: LocalCloud, buildspec: string): void {
  for (const [name, project] of cloud.codeBuild.projects) {
    cloud.codeBuild.projects.set(name, { ...project, buildspec });
  }
}

function usage(cloud: LocalCloud, bin: string): string {
  const pipelines = `${cloud.env["BITBUCKET_API_URL"]}/repositories/acme/demo/pipelines`;
  const exports = Object.entries(cloud.env).map(([name, value]) => `  export ${name}=${value}`);
  return [
    `The local cloud serves at ${cloud.url} until Ctrl-C. To use it from a shell:`,
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
