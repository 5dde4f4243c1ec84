import assert from "node:assert/strict";
import { join } from "node:path";
import type { CredentialsMode } from "../../../cli/options/credentials_mode.ts";
import { buildsOf, flowEnded, launcherOf } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import type { Pipeline } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { needing } from "../../fixtures/needing.ts";
import { ProcessWatch, type Sighting } from "../../fixtures/process_watch.ts";
import { NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

const CONSUMER_SECRET = "canary-consumer-4f1d0a77c2";
const USERS_SECRET = "canary-users-91be5c3340";
const CONSUMER = { key: "canary-key", secret: CONSUMER_SECRET, scopes: ["runner:write", "pipeline"] };
const PROJECT = {
  name: "bitbucket-runner",
  environmentVariables: [
    { name: "BITBUCKET_OAUTH_CLIENT_ID", value: CONSUMER.key },
    { name: "BITBUCKET_OAUTH_CLIENT_SECRET", value: "consumer:secret", type: "SECRETS_MANAGER" as const },
  ],
};
/** At work for long enough that everything which lives beside a step is seen. */
const STEP = "env | sed 's/^/seen /'; echo at work; sleep 3";

interface Scene {
  readonly cloud: LocalCloud;
  readonly pipeline: Pipeline;
  readonly sightings: readonly Sighting[];
  /** The secrets of the flow, by what they are. */
  readonly secrets: Readonly<Record<string, string>>;
}

for (const mode of ["project", "token", "runner", "secret"] as const) {
  Deno.test({
    ...needing(NEEDED_TOOLS, `in mode ${mode} no secret leaves where it has to be`),
    fn: async () => {
      const projects = [mode === "project" ? PROJECT : { name: PROJECT.name }];
      const codeBuild = { secretsManager: { "consumer:secret": CONSUMER_SECRET, users: USERS_SECRET } };
      const options = { projects, codeBuild, bitbucket: { consumers: [CONSUMER] } };
      await withFlowWorld(options, async ({ cloud, start }) => {
        await using watch = new ProcessWatch();
        const pipeline = start({ steps: [STEP], variables: variablesFor(mode) });
        const registered = await cloud.happenings.until("runner registered");
        assert.ok(registered);
        const runners = Object.fromEntries(
          cloud.bitbucket.runners.all.map(({ client }, index) => [`runner ${index + 1}`, client.secret]),
        );
        await cloud.happenings.until("step output", { where: ({ line }) => line === "at work" });
        const open = readableByOthers(cloud, [CONSUMER_SECRET, ...Object.values(runners)]);
        await flowEnded(cloud, pipeline);
        const sightings = await watch.seen();
        assert.equal(pipeline.result, "SUCCESSFUL", flowLog(cloud, pipeline));
        assert.deepEqual(open, []);
        const secrets = {
          consumer: CONSUMER_SECRET,
          ...runners,
          "user's": USERS_SECRET,
          ...issuedTokens(cloud),
        };
        judge({ cloud, pipeline, sightings, secrets }, mode);
      });
    },
  });
}

/** The repository's variables are every step's; so the credentials are given to the first step alone where they may be. */
function variablesFor(mode: CredentialsMode): Record<string, string> {
  const none = { BITBUCKET_OAUTH_CLIENT_ID: "", BITBUCKET_OAUTH_CLIENT_SECRET: "" };
  return {
    CODEBUILD_SECRET_MY_SECRET: "users",
    RUNNER_CREDENTIALS: mode,
    ...(mode === "project" ? none : {}),
  };
}

function judge({ cloud, pipeline, sightings, secrets }: Scene, mode: CredentialsMode): void {
  const [build] = buildsOf(cloud, pipeline);
  const step = pipeline.items[1]?.[0]?.output ?? [];
  // Steps have the repository's variables from Bitbucket itself, with the credentials unless the mode is «project».
  const agents = belowAgent(sightings).filter((one) => mode === "project" || !isStep(one));
  const places: Readonly<Record<string, string>> = {
    "start-runner's output": launcherOf(pipeline).output.join("\n"),
    "the build's log": build?.log.events.map(({ message }) => message).join("") ?? "",
    "arguments of a process": sightings.map(({ command }) => command).join("\n"),
    "what the agent starts": agents.flatMap(({ environment }) => environment).filter(notUsers).join("\n"),
    "the buildspec": build?.input.buildspecOverride ?? "",
  };
  const found = Object.entries(places).flatMap(([place, text]) =>
    Object.entries(secrets).filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
      .map(([what]) => `the ${what} secret is in ${place}`)
  );
  assert.deepEqual(found, [], flowLog(cloud, pipeline));
  assert.ok(agents.length > 0);
  const sent = JSON.stringify(build?.input);
  const allowed = { project: [], token: ["token 1"], runner: ["runner 1"], secret: ["consumer"] }[mode];
  const handedOn = Object.entries(secrets).filter(([, secret]) =>
    formsOf(secret).some((form) => sent.includes(form))
  );
  assert.deepEqual(handedOn.map(([what]) => what), allowed);
  const seen = step.filter((line) => line.startsWith("seen ")).join("\n");
  // Mode project has a first step without credentials, so that what steps see of them can only come from the build.
  const hidden = Object.entries(secrets).filter(([what]) =>
    what !== "user's" && (mode === "project" || what !== "consumer")
  );
  for (const [what, secret] of hidden) assert.ok(!seen.includes(secret), `a step sees the ${what} secret`);
  assert.ok(seen.includes(USERS_SECRET), "what the user hands on arrives");
}

function isStep({ environment }: Sighting): boolean {
  return environment.some((variable) => variable.startsWith("BITBUCKET_STEP_UUID="));
}

function formsOf(secret: string): string[] {
  return [secret, btoa(secret), encodeURIComponent(secret)];
}

function notUsers(variable: string): boolean {
  return !variable.startsWith("MY_SECRET=");
}

/** Access tokens that Bitbucket has given out, in their order. */
function issuedTokens(cloud: LocalCloud): Record<string, string> {
  return Object.fromEntries(
    cloud.bitbucket.credentials.tokens.map((token, index) => [`token ${index + 1}`, token]),
  );
}

/** What the agent has started, and what that has, in the order in which it was seen; not what was there before the agent. */
function belowAgent(sightings: readonly Sighting[]): Sighting[] {
  const below = new Set<number>();
  return sightings.filter(({ pid, parent, command }) => {
    // A script becomes the agent, so its pid had other children before.
    const isAgent = /agent\/main\.ts/.test(command);
    const isBelow = !isAgent && below.has(parent);
    if (isAgent || isBelow) below.add(pid);
    return isBelow;
  });
}

/** Files of builds that hold a secret although others than their owner may read them. */
function readableByOthers(cloud: LocalCloud, secrets: readonly string[]): string[] {
  const folder = cloud.codeBuild.settings.folder;
  return filesBelow(folder).filter((path) => {
    const { mode } = Deno.lstatSync(path);
    return ((mode ?? 0) & 0o044) !== 0 &&
      secrets.some((secret) => Deno.readTextFileSync(path).includes(secret));
  });
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory) return filesBelow(path);
    return entry.isFile && Deno.lstatSync(path).size < 1_000_000 ? [path] : [];
  });
}
