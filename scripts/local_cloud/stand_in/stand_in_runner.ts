/**
 * Stands in for Atlassian's runner: takes the same properties and variables, prints the same lines and really runs the
 * steps it is given, but asks the local cloud for them. The local cloud's Java runs this file as the archive's jar, with
 * Java's own arguments, and the image runs it too.
 */
import { CloudLink } from "./cloud_link.ts";
import { expandArguments } from "./java_arguments.ts";
import { readLines } from "../machine/read_lines.ts";
import type { Welcome } from "../bitbucket/runner_protocol.ts";
import type { RunnerMessage } from "../pipelines/runner_registry.ts";
import { RunnerLog } from "./runner_log.ts";
import { bare, type RunnerIdentity, runnerIdentity } from "./stand_in_identity.ts";
import { StandInSteps } from "./stand_in_steps.ts";

const VERSION = "5.6.0";

if (import.meta.main) await main(runnerIdentity(expandArguments(Deno.args), Deno.env.toObject()));

async function main(identity: RunnerIdentity): Promise<void> {
  const folder = `${identity.workingDirectory}/${bare(identity.runnerUuid)}`;
  await Deno.mkdir(folder, { recursive: true });
  const link = new CloudLink(identity);
  const welcome = await link.post("connect") as Welcome;
  const log = new RunnerLog(folder, welcome);

  log.tell({ type: "version", version: VERSION });
  log.tell({ type: "runtime", runtime: identity.runtime });
  if (welcome.runnerFault === "crash on start") {
    log.tell({ type: "crash" });
    Deno.exit(1);
  }
  log.tell({ type: "going online" });
  if (welcome.runnerFault === "never online") await new Promise(() => setInterval(() => {}, 60_000));
  const steps = new StandInSteps({ folder, identity, log, link, resultDelayMs: welcome.resultDelayMs });
  await serve(steps, log, link, welcome.heartbeatMs);
}

async function serve(
  steps: StandInSteps,
  log: RunnerLog,
  link: CloudLink,
  heartbeatMs: number,
): Promise<void> {
  Deno.addSignalListener("SIGTERM", () => void shutDown(steps, log, link));
  const messages = await link.messages();
  log.tell({ type: "online" });
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
async function shutDown(steps: StandInSteps, log: RunnerLog, link: CloudLink): Promise<void> {
  const busy = steps.busy;
  await steps.breakOff();
  log.tell({ type: "offline" });
  await link.post("state", { status: "OFFLINE" }).catch(() => {});
  log.tell({ type: "shut down" });
  Deno.exit(busy ? 143 : 0);
}
