import assert from "node:assert/strict";
import { attachDockerRunner } from "../../../agent/docker/attach_docker_runner.ts";
import { ContainerEvents } from "../../../agent/docker/container_events.ts";
import { listProcesses, readArguments } from "../../../agent/process/process_table.ts";
import { findProgram } from "../../../agent/process/find_program.ts";
import type { RunnerControl } from "../../../agent/runner/runner.ts";
import type { Host } from "../../../shared/program/host.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { dockerOutput, makeTestImage, TEST_IMAGE, whyNoDocker } from "../../fixtures/docker_image.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withOwnDockerd } from "../../fixtures/own_dockerd.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

const problem = await whyNoDocker();
const PATH = Deno.env.get("PATH") ?? "";
const realDocker = await findProgram("docker", PATH);
const realDockerd = await findProgram("dockerd", PATH);
/** No call may keep its caller longer, whatever hangs; with room for a machine that is busy. */
const BLOCKED_MS = 4000;

if (problem === undefined) {
  Deno.test.beforeAll(makeTestImage);
  Deno.test.afterAll(async () => void await dockerOutput("image", "rm", "--force", TEST_IMAGE));
}

interface Scene {
  readonly folder: string;
  readonly uuid: string;
  readonly container: string;
  readonly host: Host;
  /** The control of another phase; closed when the test ends. */
  readonly attach: (events?: ContainerEvents) => RunnerControl;
  /** Runs the docker client as the agent would. */
  readonly docker: (...args: string[]) => Promise<string>;
  /** The agent's calls of the docker client so far. */
  readonly calls: () => string[];
  readonly log: ReturnType<typeof recordedLog>;
}

interface SceneOptions {
  readonly address?: string;
  /** The name of its container. */
  readonly name?: string;
  /** What the docker client's answer goes through. */
  readonly filter?: string;
}

/** A runner's container that runs, watched through a docker client that notes how it is called. */
async function withRunner(folder: string, options: SceneOptions, body: (scene: Scene) => Promise<void>) {
  const uuid = crypto.randomUUID();
  const container = options.name ?? `codebuild-test-${uuid}`;
  const address = options.address === undefined ? [] : ["--host", options.address];
  const docker = (...args: string[]) => dockerOutput(...address, ...args);
  const calls = `${folder}/calls`;
  Deno.writeTextFileSync(calls, "");
  const call = `echo "$*" >> ${calls}; ${options.filter === undefined ? "exec " : ""}${realDocker} "$@"`;
  await writeScript(`${folder}/bin/docker`, `${call}${options.filter ?? ""}`);
  const env = { PATH: `${folder}/bin:${PATH}`, ...(options.address && { DOCKER_HOST: options.address }) };
  const log = recordedLog();
  const record = {
    type: "docker",
    container,
    runnerUuid: `{${uuid}}`,
    logFile: `${folder}/runner.log`,
  } as const;
  const controls: RunnerControl[] = [];
  const host = { ...systemHost(), env };
  const attach = (events?: ContainerEvents) => {
    const control = attachDockerRunner(host, record, log.log, events);
    controls.push(control);
    return control;
  };
  await docker(
    "run",
    "--detach",
    "--net",
    "none",
    "--name",
    container,
    "--env",
    "WORKING_DIRECTORY=/tmp",
    TEST_IMAGE,
  );
  try {
    await body({
      folder,
      uuid,
      container,
      host,
      attach,
      docker,
      calls: () => Deno.readTextFileSync(calls).split("\n").slice(0, -1),
      log,
    });
  } finally {
    for (const control of controls) control.close();
    await attach().cleanUp();
    await eventually("no docker client of ours is left", () => clients().length === 0 || undefined);
  }
}

/** The docker clients that this program has running. */
function clients(): string[] {
  const own = listProcesses()?.filter(({ parent, name }) => parent === Deno.pid && /^docker$/.test(name)) ??
    [];
  return own.map(({ pid }) => readArguments(pid).slice(1).join(" "));
}

function dockerTest(name: string, options: SceneOptions, body: (scene: Scene) => Promise<void>): void {
  const shown = problem === undefined ? name : `${name} (skipped: ${problem})`;
  Deno.test({
    name: shown,
    ignore: problem !== undefined,
    fn: () => withTemporaryFolder((folder) => withRunner(folder, options, body)),
  });
}

function startSleep({ docker }: Scene, name: string): Promise<string> {
  return docker(
    "run",
    "--detach",
    "--net",
    "none",
    "--entrypoint",
    "/bin/sleep",
    "--name",
    name,
    TEST_IMAGE,
    "1000",
  );
}

async function settles(control: RunnerControl, count: number): Promise<readonly string[]> {
  return await eventually(`${count} containers at work`, async () => {
    const work = await control.work();
    return work?.length === count ? work : undefined;
  });
}

dockerTest("Docker runner's work is the containers of its steps, as they come and go", {}, async (scene) => {
  const [control, early] = [scene.attach(), `${scene.uuid}_1_build`];
  const first = await startSleep(scene, early);
  assert.deepEqual(await settles(control, 1), [first]);
  const stranger = `stranger-${crypto.randomUUID()}`;
  await startSleep(scene, stranger);
  const second = await startSleep(scene, `{${scene.uuid}}_2`.replace(/[{}]/g, "").toUpperCase());
  assert.deepEqual([...await settles(control, 2)].sort(), [first, second].sort());
  const left = await control.leftBehind({ stepUuid: "{1_build}", beganTicks: 0, known: new Set() });
  assert.deepEqual(left, [{ name: early }], "named, and not to be ended");
  await scene.docker("kill", early);
  assert.deepEqual(await settles(control, 1), [second]);
  await scene.docker("start", early);
  assert.deepEqual([...await settles(control, 2)].sort(), [first, second].sort());
  await scene.docker("rm", "--force", stranger);
  assert.equal((await control.work())?.length, 2);
  assert.equal(clients().length, 1);
});

dockerTest("Docker runner is watched without a process for each look", {}, async ({ attach, calls }) => {
  const control = attach();
  await settles(control, 0);
  for (let look = 0; look < 100; look++) {
    assert.equal(await control.pulse(), "alive");
    await control.keepOutputFlowing();
    assert.deepEqual(await control.work(), []);
  }
  await eventually("output is carried", () => calls().some((call) => call.startsWith("logs")) || undefined);
  const words = calls().map((call) => call.split(" ").slice(0, 2).join(" ")).sort();
  assert.deepEqual(words, [
    "container inspect",
    "container inspect",
    "events --filter",
    "logs --follow",
    "ps --no-trunc",
  ]);
  const other = attach();
  await other.keepOutputFlowing();
  const questions = calls().filter((call) => call.startsWith("container inspect"));
  assert.equal(
    questions.length,
    3,
    "another phase finds what carries the output, and need not ask whether to start it",
  );
});

const BUILD = crypto.randomUUID();

dockerTest(
  "Docker runners of one build are watched by one stream, and neither takes the other's work or containers",
  { name: `${BUILD}-app` },
  async (first) => {
    await withRunner(first.folder, { name: `${BUILD}.2-app` }, async (second) => {
      const events = new ContainerEvents(first.host);
      const [one, two] = [first.attach(events), second.attach(events)];
      const names = [`${first.uuid}_1_build`, `${second.uuid}_1_build`] as const;
      const [work, other] = [await startSleep(first, names[0]), await startSleep(second, names[1])];
      const volumes = [`${first.uuid}_cache`, `${second.uuid}_cache`] as const;
      for (const volume of volumes) await first.docker("volume", "create", volume);
      assert.deepEqual([await settles(one, 1), await settles(two, 1)], [[work], [other]]);
      for (let look = 0; look < 20; look++) {
        assert.deepEqual([await one.pulse(), await two.pulse()], ["alive", "alive"]);
        assert.deepEqual([await one.work(), await two.work()], [[work], [other]]);
      }
      const started = first.calls().map((call) => call.split(" ")[0]).sort();
      assert.deepEqual(started, ["container", "container", "events", "ps"]);
      await first.docker("kill", second.container);
      assert.deepEqual([await one.pulse(), await two.pulse()], ["alive", "dead"]);
      await two.cleanUp();
      two.close();
      assert.deepEqual(await settles(one, 1), [work]);
      const left = await first.docker("ps", "--all", "--format", "{{.Names}}");
      const owned = left.split("\n").filter((name) => name.includes(BUILD) || /_1_build$/.test(name));
      assert.deepEqual(owned.sort(), [first.container, names[0]].sort());
      const kept = (await first.docker("volume", "ls", "--quiet")).split("\n");
      assert.deepEqual(volumes.map((volume) => kept.includes(volume)), [true, false]);
      const later = await startSleep(first, `${first.uuid}_2_build`);
      assert.deepEqual([...await settles(one, 2)].sort(), [work, later].sort());
      one.close();
      await eventually("no stream is left", () => clients().length === 0 || undefined);
      const again = first.attach(events);
      await settles(again, 2);
      again.close();
    });
  },
);

dockerTest(
  "Docker runner whose container ends is dead at once",
  {},
  async ({ attach, docker, container }) => {
    const control = attach();
    assert.equal(await control.pulse(), "alive");
    await docker("kill", container);
    assert.equal(await control.pulse(), "dead");
    assert.equal(await attach().pulse(), "dead");
    await docker("rm", container);
    assert.equal(await attach().pulse(), "dead");
  },
);

dockerTest("Docker runner on another machine is asked for once, and told of its end by Docker", {
  filter:
    " | while read -r line; do case $line in 'true '*) echo true 1 ${line##* };; *) echo $line;; esac; done",
}, async ({ attach, docker, container, calls }) => {
  const control = attach();
  await settles(control, 0);
  for (let look = 0; look < 50; look++) assert.equal(await control.pulse(), "alive");
  assert.equal(calls().filter((call) => call.startsWith("container inspect")).length, 1);
  await docker("kill", container);
  await eventually("dead", async () => await control.pulse() === "dead" || undefined, 5000);
});

Deno.test({
  name: "Docker runner that nobody can look at is neither dead nor idle",
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const env = { PATH, DOCKER_HOST: `unix://${folder}/none.sock` };
      const record = {
        type: "docker",
        container: "none",
        runnerUuid: "{none}",
        logFile: `${folder}/log`,
      } as const;
      const control = attachDockerRunner({ ...systemHost(), env }, record, recordedLog().log);
      for (let look = 0; look < 10; look++) {
        assert.equal(await control.pulse(), "unknown");
        assert.equal(await control.work(), undefined);
        await control.keepOutputFlowing();
      }
      control.close();
      await eventually("no docker client is left", () => clients().length === 0 || undefined);
    }),
});

Deno.test({
  name: "Docker runner lives on while its daemon is paused, keeps nobody waiting, and can be stopped",
  ignore: problem !== undefined || realDockerd === undefined || Deno.uid() !== 0,
  fn: () =>
    withTemporaryFolder((folder) =>
      withOwnDockerd(folder, async ({ address, signal }) => {
        await withRunner(folder, { address }, async (scene) => {
          const control = scene.attach();
          const step = await startSleep(scene, `${scene.uuid}_step`);
          assert.deepEqual(await settles(control, 1), [step]);
          assert.equal(await control.pulse(), "alive");
          await control.keepOutputFlowing();
          signal("SIGSTOP");
          const late = scene.attach();
          for (let look = 0; look < 3; look++) {
            assert.equal(await soon(control.pulse()), "alive");
            assert.deepEqual(await soon(control.work()), [step]);
            await soon(control.keepOutputFlowing());
            assert.equal(await soon(late.pulse()), "unknown");
            assert.equal(await soon(late.work()), undefined);
          }
          const begun = performance.now();
          assert.equal(await control.stop(100), "killed");
          assert.ok(performance.now() - begun < 15_000, `${performance.now() - begun}`);
          assert.equal(await control.pulse(), "dead");
          assert.match(scene.log.text(), /Docker does not stop the runner's container/);
          signal("SIGCONT");
          await eventually("dead for all", async () => await late.pulse() === "dead" || undefined);
          assert.deepEqual(await settles(late, 1), [step]);
        });
      })
    ),
});

/** What a call resolves to; fails when it keeps its caller waiting. */
async function soon<T>(call: Promise<T>): Promise<T> {
  const begun = performance.now();
  const value = await call;
  assert.ok(performance.now() - begun < BLOCKED_MS, `took ${Math.round(performance.now() - begun)} ms`);
  return value;
}
