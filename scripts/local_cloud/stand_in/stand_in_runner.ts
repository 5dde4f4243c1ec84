/**
 * Stands in for Atlassian's runner: takes the same flags and variables, prints the same lines and really runs the
 * steps it is given, but asks the local cloud for them. The archive's start.sh and the image run this file.
 */
import { CloudLink } from "./cloud_link.ts";
import { readLines } from "../machine/read_lines.ts";
import type { Welcome } from "../bitbucket/runner_protocol.ts";
import type { RunnerMessage } from "../pipelines/runner_registry.ts";
import { type RunnerIdentity, runnerIdentity } from "./stand_in_identity.ts";
import { StandInSteps } from "./stand_in_steps.ts";

const VERSION = "5.6.0";

if (import.meta.main) await main(runnerIdentity(Deno.args, Deno.env.toObject()));

async function main(identity: RunnerIdentity): Promise<void> {
  const folder = `${identity.workingDirectory}/${identity.runnerUuid.replace(/[{}]/g, "")}`;
  await Deno.mkdir(folder, { recursive: true });
  const log = (text: string) => print(text, `${folder}/runner.log`);
  const link = new CloudLink(identity);

  log(`Runner version: ${VERSION}`);
  log(`Runner runtime: ${identity.runtime}`);
  const welcome = await link.post("connect") as Welcome;
  if (welcome.fault === "crash on start") {
    log("An unexpected error occurred: the runner cannot go on");
    Deno.exit(1);
  }
  log(
    'Updating runner status to "ONLINE" and checking for new steps assigned to the runner after 0 seconds and then every 30 seconds.',
  );
  if (welcome.fault === "never online") await new Promise(() => setInterval(() => {}, 60_000));
  await serve(link, folder, log, welcome.heartbeatMs);
}

async function serve(
  link: CloudLink,
  folder: string,
  log: (text: string) => void,
  heartbeatMs: number,
): Promise<void> {
  const steps = new StandInSteps(folder, log, {
    output: (stepUuid, lines) => link.post("output", { stepUuid, lines }),
    completed: (stepUuid, exitCode) => link.post("complete", { stepUuid, exitCode }),
  });
  Deno.addSignalListener("SIGTERM", () => void shutDown(steps, log, link));
  const messages = await link.messages();
  log('Updating runner state to "ONLINE".');
  await link.post("state", { status: "ONLINE" });
  // A runner that was removed goes on asking, as a real one does; only the end of its machine stops it.
  setInterval(() => void link.post("heartbeat").catch(() => {}), heartbeatMs);
  for await (const line of readLines(messages)) {
    const message: RunnerMessage = JSON.parse(line);
    if (message.type === "step") void steps.run(message.step);
    else steps.cancel(message.stepUuid);
  }
}

/** An idle runner signs off; a busy one breaks its step off. */
async function shutDown(steps: StandInSteps, log: (text: string) => void, link: CloudLink): Promise<void> {
  const busy = steps.busy;
  steps.breakOff();
  log('Updating runner state to "OFFLINE".');
  await link.post("state", { status: "OFFLINE" }).catch(() => {});
  log("Shutdown completed");
  Deno.exit(busy ? 143 : 0);
}

/** Atlassian's format: [YYYY-MM-DD HH:MM:SS,mmm] text. */
function print(text: string, file: string): void {
  const time = new Date().toISOString().replace("T", " ").replace(".", ",").replace("Z", "");
  const line = new TextEncoder().encode(`[${time}] ${text}\n`);
  Deno.stdout.writeSync(line);
  Deno.writeFileSync(file, line, { append: true });
}
