import assert from "node:assert/strict";
import { listProcesses, readArguments } from "../../../agent/process/process_table.ts";
import { dockerRecord } from "../../../agent/docker/docker_runner.ts";
import { attachRunner, prepareRunner } from "../../../agent/phases/launch_runner.ts";
import type { RunnerLaunch } from "../../../agent/runner/runner.ts";
import type { LaunchedRunner } from "../../../agent/settings/agent_schema.ts";
import type { Host } from "../../../shared/program/host.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { dockerOutput, makeTestImage, TEST_IMAGE, whyNoDocker } from "../../fixtures/docker_image.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const problem = await whyNoDocker();
const SECRET = "the-runner's-own-secret";
const LONG_MS = 60_000;

interface Scene {
  readonly folder: string;
  readonly uuid: string;
  readonly runnerImage: string;
  readonly launch: RunnerLaunch;
  readonly host: Host;
  readonly logText: () => Promise<string>;
  readonly log: ReturnType<typeof recordedLog>;
}

if (problem === undefined) {
  Deno.test.beforeAll(makeTestImage);
  Deno.test.afterAll(async () => void await dockerOutput("image", "rm", TEST_IMAGE));
}

/** A test that needs a Docker daemon; whatever it leaves is removed. */
function dockerTest(name: string, env: Record<string, string>, body: (scene: Scene) => Promise<void>): void {
  const shown = problem === undefined ? name : `${name} (skipped: ${problem})`;
  Deno.test({
    name: shown,
    ignore: problem !== undefined,
    fn: () =>
      withTemporaryFolder(async (folder) => {
        const scene = makeScene(folder, env);
        try {
          await body(scene);
        } finally {
          await attachRunner(scene.host, dockerRecord(scene.launch), scene.log).cleanUp();
        }
      }),
  });
}

function makeScene(folder: string, env: Record<string, string>): Scene {
  const bare = crypto.randomUUID();
  const logFile = `${folder}/log/runner.log`;
  return {
    folder,
    uuid: `{${bare}}`,
    runnerImage: TEST_IMAGE,
    launch: {
      runnerName: `codebuild-test-${bare}`,
      runnerUuid: `{${bare}}`,
      workspaceUuid: "{workspace}",
      repositoryUuid: "{repository}",
      oauthClientId: "client-id",
      oauthClientSecret: SECRET,
      workingDirectory: `${folder}/work`,
      logFile,
    },
    host: {
      ...systemHost(),
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        BITBUCKET_ACCESS_TOKEN: "build's-token",
        ...env,
      },
    },
    logText: () => Deno.readTextFile(logFile),
    log: recordedLog(),
  };
}

async function launch(scene: Scene) {
  await Deno.mkdir(scene.launch.workingDirectory, { recursive: true });
  const options = { type: "docker", runnerImage: scene.runnerImage, log: scene.log.log } as const;
  const record = await (await prepareRunner(scene.host, options)).launch(scene.launch);
  assert.equal(record.type, "docker");
  return {
    record: record as Extract<LaunchedRunner, { type: "docker" }>,
    control: attachRunner(scene.host, record, scene.log),
  };
}

function said(scene: Scene, text: string): Promise<string> {
  return eventually(text, async () => {
    const all = await scene.logText();
    return all.includes(text) ? all : undefined;
  });
}

dockerTest("Docker runner gets what Atlassian's image needs, and shuts down in order", {
  HTTPS_PROXY: "http://proxy:3128",
}, async (scene) => {
  const { record, control } = await launch(scene);
  assert.deepEqual(record, {
    type: "docker",
    container: scene.launch.runnerName,
    runnerUuid: scene.uuid,
    logFile: scene.launch.logFile,
  });
  const text = await said(scene, 'Updating runner state to "ONLINE".');
  assert.match(text, new RegExp(`account {workspace} repository {repository} runner ${scene.uuid}`));
  assert.match(text, new RegExp(`prerequisites true work ${scene.folder}/work proxy http://proxy:3128`));
  assert.match(text, new RegExp(`client client-id, secret of ${SECRET.length} characters`));
  assert.match(text, /token <>/);
  await eventually(
    "file on the host",
    () => Deno.readTextFile(`${scene.folder}/work/made`).catch(() => undefined),
  );
  assert.equal(await control.pulse(), "alive");
  assert.equal(
    await dockerOutput("ps", "-q", "--filter", "label=aws-bitbucket-runner").then((ids) => ids.length > 0),
    true,
  );

  assert.equal(await control.stop(LONG_MS), "stopped");
  assert.match(await scene.logText(), /Shutdown completed\n$/);
  assert.equal(await control.pulse(), "dead");
  assert.equal(await control.stop(LONG_MS), "was gone");
  await control.cleanUp();
  await control.cleanUp();
  assert.equal(await control.pulse(), "dead");
  assert.equal(await dockerOutput("ps", "-aq", "--filter", `name=${record.container}`), "");
  assert.equal(scene.log.text().includes(SECRET), false);
});

dockerTest(
  "Docker runner keeps its secret out of every command line, and out of the docker client's environment",
  {},
  async (scene) => {
    let looking = true;
    const seen: string[] = [];
    const watcher = (async () => {
      while (looking) {
        for (const { pid, name } of listProcesses() ?? []) {
          seen.push(readArguments(pid).join(" "));
          if (name === "docker") seen.push(await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => ""));
        }
        await scene.host.sleep(1);
      }
    })();
    await launch(scene);
    await said(scene, "ONLINE");
    looking = false;
    await watcher;
    assert.equal(seen.some((words) => words.includes("docker")), true);
    assert.equal(seen.some((words) => words.includes(SECRET)), false);
  },
);

dockerTest("Docker runner that ignores SIGTERM is killed", { RUNNER_ENVIRONMENT: "DEAF" }, async (scene) => {
  const { control } = await launch(scene);
  await said(scene, "ONLINE");
  assert.equal(await control.stop(1000), "killed");
  assert.equal(await control.pulse(), "dead");
});

dockerTest(
  "Docker runner that crashes leaves its whole output",
  { RUNNER_ENVIRONMENT: "CRASH" },
  async (scene) => {
    const { control } = await launch(scene);
    await eventually("runner dead", async () => await control.pulse() === "dead" || undefined);
    await control.keepOutputFlowing();
    const text = await scene.logText();
    assert.match(text, /Cannot go on\n/);
    assert.match(text, /secret of/);
  },
);

dockerTest(
  "Docker runner's output goes on without gap or repetition when what carried it is killed",
  {},
  async (scene) => {
    const { record } = await launch(scene);
    // Another phase takes over, which knows the record alone.
    const control = attachRunner(scene.host, record, scene.log);
    await said(scene, "number 5\n");
    for (const names of [["sh"], ["docker"], ["cat"], ["sh", "docker", "cat"]]) {
      killCarriers(scene.launch.runnerName, names);
      const size = (await scene.logText()).length;
      await eventually("output goes on", async () => {
        await control.keepOutputFlowing();
        return (await scene.logText()).length > size + 100 || undefined;
      });
    }
    await control.stop(LONG_MS);
    const numbers = (await scene.logText()).matchAll(/^number (\d+)$/gm);
    const found = [...numbers].map(([, number]) => Number(number));
    assert.deepEqual(found, found.map((_, index) => index + 1));
  },
);

/** Kills processes by name whose arguments name the container, and those whose session's leader's arguments do. */
function killCarriers(container: string, names: string[]): void {
  const all = listProcesses() ?? [];
  for (const { pid, session, name } of all) {
    const leader = readArguments(session).includes(container);
    const own = readArguments(pid).includes(container);
    if (names.includes(name) && (leader || own)) Deno.kill(pid, "SIGKILL");
  }
}

dockerTest(
  "`cleanUp()` removes the containers and volumes of the runner's steps, and no others",
  {},
  async (scene) => {
    const { control } = await launch(scene);
    const bare = scene.uuid.replace(/[{}]/g, "");
    const stranger = `other-${crypto.randomUUID()}`;
    const step = `${bare}_step_build`;
    for (const name of [step, stranger]) {
      await dockerOutput(
        "create",
        "--name",
        name,
        "--volume",
        `${name}-volume:/data`,
        "--volume",
        "/anonymous",
        TEST_IMAGE,
      );
    }
    try {
      await control.cleanUp();
      const left = await dockerOutput("ps", "-a", "--format", "{{.Names}}");
      assert.equal(left.includes(bare), false);
      assert.equal(left.includes(stranger), true);
      const volumes = await dockerOutput("volume", "ls", "--format", "{{.Name}}");
      assert.equal(volumes.includes(bare), false);
      assert.equal(volumes.includes(`${stranger}-volume`), true);
    } finally {
      await dockerOutput("rm", "--force", "--volumes", stranger);
      await dockerOutput("volume", "rm", `${stranger}-volume`);
    }
  },
);

dockerTest(
  "Launching the Docker runner again replaces the container of a first attempt",
  {},
  async (scene) => {
    await launch(scene);
    const first = await dockerOutput("ps", "-q", "--filter", `name=${scene.launch.runnerName}`);
    const { control } = await launch(scene);
    const second = await dockerOutput("ps", "-q", "--filter", `name=${scene.launch.runnerName}`);
    assert.notEqual(first, second);
    assert.equal(await control.pulse(), "alive");
  },
);

dockerTest("Docker runner says what to do about an image that is not to be had", {}, async (scene) => {
  const sleeps: number[] = [];
  const host: Host = {
    ...scene.host,
    random: () => 0.5,
    sleep: (ms) => Promise.resolve(void sleeps.push(ms)),
  };
  await assert.rejects(
    launch({ ...scene, host, runnerImage: "localhost:1/no/such:image" }),
    (error: Error & { hint?: string }) => {
      assert.equal(error.name, "RunnerError");
      assert.match(
        error.message,
        /^Cannot pull the runner image localhost:1\/no\/such:image: .*connection refused/,
      );
      assert.match(error.hint ?? "", /RUNNER_IMAGE/);
      return true;
    },
  );
  assert.deepEqual(sleeps, [3750, 7500, 15_000]);
  assert.match(scene.log.text(), /Attempt 3\/4 to pull failed, retrying in 15 s/);
});
