import assert from "node:assert/strict";
import { attachRunner, launchRunner } from "../../../agent/phases/launch_runner.ts";
import { processFamily } from "../../../agent/process/process_family.ts";
import { listProcesses, readArguments } from "../../../agent/process/process_table.ts";
import type { LaunchedRunner, RunnerControl, RunnerLaunch } from "../../../agent/runner/runner.ts";
import { launchShellRunner } from "../../../agent/shell/shell_runner.ts";
import type { ProgramError } from "../../../shared/program/errors.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { makeJava, makeRunnerHome, sayVersion } from "../../fixtures/programs/runner_home.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const SECRET = "the-runner's-own-secret";
const LONG_MS = 60_000;
type ShellRecord = Extract<LaunchedRunner, { type: "shell" }>;

interface Scene {
  readonly folder: string;
  readonly home: string;
  readonly launch: RunnerLaunch;
  readonly env: Record<string, string>;
  readonly log: ReturnType<typeof recordedLog>;
  /** Attaches a runner so that nothing of it is left after the test. */
  readonly keep: (record: ShellRecord) => RunnerControl;
}

async function withScene(
  options: Parameters<typeof makeRunnerHome>[1],
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await makeRunnerHome(`${folder}/home`, options);
    await makeJava(`${folder}/java`, sayVersion("17.0.15"));
    const log = recordedLog();
    const kept: RunnerControl[] = [];
    const scene: Scene = {
      folder,
      home: `${folder}/home`,
      launch: {
        runnerName: "codebuild-test",
        runnerUuid: "{runner}",
        workspaceUuid: "{workspace}",
        repositoryUuid: "{repository}",
        oauthClientId: "client-id",
        oauthClientSecret: SECRET,
        workingDirectory: `${folder}/new/work`,
        logFile: `${folder}/log/runner.log`,
      },
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        JAVA_HOME: `${folder}/java`,
        BITBUCKET_OAUTH_CLIENT_SECRET: "build's-secret",
        BITBUCKET_REPO_SLUG: "shop",
      },
      log,
      keep: (record) => {
        const control = attachRunner(systemHost(), record, log);
        kept.push(control);
        return control;
      },
    };
    try {
      await body(scene);
    } finally {
      for (const control of kept) await control.stop(0);
    }
  });
}

async function launch(scene: Scene): Promise<ShellRecord> {
  const { record } = await launchRunner({ ...systemHost(), env: scene.env }, {
    type: "shell",
    runnerHome: scene.home,
    runnerVersion: "5.6.0",
    launch: scene.launch,
    log: scene.log.log,
  });
  assert.equal(record.type, "shell");
  return record as ShellRecord;
}

function said(scene: Scene, text: string): Promise<string> {
  return eventually(text, async () => {
    const all = await Deno.readTextFile(scene.launch.logFile);
    return all.includes(text) ? all : undefined;
  });
}

Deno.test("Shell runner is started as Atlassian's start.sh expects, and shuts down in order", async () => {
  await withScene({}, async (scene) => {
    const record = await launch(scene);
    const control = scene.keep(record);
    const text = await said(scene, 'Updating runner state to "ONLINE".');
    assert.deepEqual([...text.matchAll(/^argument <(.*)>$/gm)].map(([, word]) => word), [
      ...["--accountUuid", "{workspace}", "--repositoryUuid", "{repository}", "--runnerUuid", "{runner}"],
      ...["--runtime", "linux-shell", "--workingDirectory", `${scene.folder}/new/work`],
    ]);
    assert.match(text, /openjdk version "17\.0\.15"/);
    assert.equal(
      (await Deno.readTextFile(`${scene.home}/folder`)).trim(),
      await Deno.realPath(`${scene.home}/bin`),
    );
    const environment = await Deno.readTextFile(`${scene.home}/environment`);
    for (const line of [`OAUTH_CLIENT_SECRET=${SECRET}`, "BITBUCKET_REPO_SLUG=shop", "RUNTIME=linux-shell"]) {
      assert.equal(environment.split("\n").includes(line), true, line);
    }
    assert.equal(environment.includes("build's-secret"), false);
    assert.equal((await Deno.stat(scene.launch.workingDirectory)).isDirectory, true);
    assert.match(scene.log.text(), /Using Java 17 from JAVA_HOME.*\n.*credentials by environment/);

    assert.equal(await control.pulse(), "alive");
    await control.keepOutputFlowing();
    assert.equal(await control.stop(LONG_MS), "stopped");
    assert.match(await Deno.readTextFile(scene.launch.logFile), /Shutdown completed\n$/);
    assert.equal(await control.pulse(), "dead");
    assert.equal(await control.stop(LONG_MS), "was gone");
    await control.cleanUp();
  });
});

Deno.test("Shell runner's secret is on no command line and in no log when start.sh reads it from the environment", async () => {
  await withScene({ behaviour: "forking" }, async (scene) => {
    const record = await launch(scene);
    scene.keep(record);
    await said(scene, "ONLINE");
    const family = processFamily(listProcesses() ?? [], record);
    assert.equal(family.length >= 3, true);
    for (const { pid } of family) assert.equal((await readArguments(pid)).join(" ").includes(SECRET), false);
    assert.equal(scene.log.text().includes(SECRET), false);
    assert.equal((await Deno.readTextFile(scene.launch.logFile)).includes(SECRET), false);
  });
});

Deno.test("Shell runner's work is what it has running beside itself", async () => {
  await withScene({ behaviour: "forking" }, async (scene) => {
    const record = await launch(scene);
    const control = scene.keep(record);
    await said(scene, "ONLINE");
    const family = processFamily(listProcesses() ?? [], record).filter(({ pid }) => pid !== record.pid);
    const work = await control.work();
    assert.equal(family.length >= 2, true);
    assert.deepEqual(work?.toSorted(), family.map(({ pid, startTime }) => `${pid}:${startTime}`).sort());
    await control.stop(LONG_MS);
    assert.deepEqual(await control.work(), []);
  });
});

Deno.test("Shell runner gets its secret by flags from a start.sh that knows nothing else", async () => {
  await withScene({ readsSecrets: false }, async (scene) => {
    scene.keep(await launch(scene));
    const text = await said(scene, "ONLINE");
    assert.match(
      text,
      /<--OAuthClientId>\nargument <client-id>\nargument <--OAuthClientSecret>\nargument <the-runner/,
    );
    assert.match(scene.log.text(), /credentials by flags/);
    assert.equal(scene.log.text().includes(SECRET), false);
    assert.equal((await Deno.readTextFile(`${scene.home}/environment`)).includes(SECRET), false);
  });
});

Deno.test("Shell runner that ignores SIGTERM is killed with everything it started", async () => {
  await withScene({ behaviour: "deaf" }, async (scene) => {
    const record = await launch(scene);
    const control = scene.keep(record);
    await said(scene, "ONLINE");
    assert.equal(await control.stop(100), "killed");
    assert.deepEqual(processFamily(listProcesses() ?? [], record), []);
  });
});

Deno.test("Shell runner that crashes is dead, with its last words in the log file", async () => {
  await withScene({ behaviour: "crashing" }, async (scene) => {
    const control = scene.keep(await launch(scene));
    await eventually("runner dead", async () => await control.pulse() === "dead" || undefined);
    assert.match(await Deno.readTextFile(scene.launch.logFile), /Cannot go on\n$/);
    assert.equal(await control.stop(LONG_MS), "was gone");
  });
});

Deno.test("Shell runner outlives the program that launched it, and goes on writing to its log file", async () => {
  await withScene({}, async (scene) => {
    const program = new URL("../../fixtures/programs/launch_shell_runner.ts", import.meta.url).pathname;
    const config = new URL("../../../deno.json", import.meta.url).pathname;
    const { stdout, code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--cached-only",
        "--config",
        config,
        "-P=codebuild-agent",
        "--no-prompt",
        program,
      ]
        .concat(
          scene.home,
          JSON.stringify(scene.launch),
        ),
      env: scene.env,
      stderr: "null",
    }).output();
    assert.equal(code, 0);
    const record = JSON.parse(new TextDecoder().decode(stdout)) as ShellRecord;
    const control = scene.keep(record);
    await said(scene, "ONLINE");
    assert.equal(await control.pulse(), "alive");
    assert.equal(listProcesses()?.find(({ pid }) => pid === record.pid)?.session, record.pid);
    assert.equal(await control.stop(LONG_MS), "stopped");
    await said(scene, "Shutdown completed");
  });
});

Deno.test("Shell runner starts though its start.sh has lost the executable bit", async () => {
  await withScene({}, async (scene) => {
    await Deno.chmod(`${scene.home}/bin/start.sh`, 0o644);
    scene.keep(await launch(scene));
    await said(scene, "ONLINE");
  });
});

Deno.test("Shell runner names the installer when start.sh is missing", async () => {
  await withScene({}, async (scene) => {
    await Deno.remove(`${scene.home}/bin/start.sh`);
    await assert.rejects(launch(scene), (error: ProgramError) => {
      assert.equal(error.message, `Cannot launch the runner: ${scene.home}/bin/start.sh cannot be read`);
      assert.match(error.hint ?? "", /install-shell\.sh/);
      return true;
    });
  });
});

Deno.test("Shell runner 6 is not launched with an older Java", async () => {
  await withScene({}, async (scene) => {
    const host = { ...systemHost(), env: { ...scene.env, PATH: `${scene.folder}/nothing` } };
    const launching = launchShellRunner(host, {
      runnerHome: scene.home,
      runnerVersion: "6.0.7",
      launch: scene.launch,
      log: scene.log.log,
      jvmFolder: `${scene.folder}/nothing`,
    });
    await assert.rejects(launching, {
      message: /Cannot find Java 25 or later: .* from JAVA_HOME is Java 17$/,
    });
  });
});
