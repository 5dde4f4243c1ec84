import assert from "node:assert/strict";
import { attachRunner, prepareRunner } from "../../../agent/phases/launch_runner.ts";
import { processFamily } from "../../../agent/process/process_family.ts";
import { listProcesses } from "../../../agent/process/process_table.ts";
import { agentSettings } from "../../../agent/settings/agent_settings.ts";
import type { RunnerControl, RunnerLaunch } from "../../../agent/runner/runner.ts";
import type { LaunchedRunner } from "../../../agent/settings/agent_schema.ts";
import { prepareShellRunner } from "../../../agent/shell/shell_runner.ts";
import { START_SCRIPT } from "../../../scripts/local_cloud/stand_in/start_script.ts";
import type { ProgramError } from "../../../shared/program/errors.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import {
  makeJava,
  makeRunnerHome,
  saysVersionPlainly,
  sayVersion,
} from "../../fixtures/programs/runner_home.ts";
import { runnerJar } from "../../fixtures/class_jar.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

const SECRET = "the-runner's-own-secret";
const LONG_MS = 60_000;
type ShellRecord = Extract<LaunchedRunner, { type: "shell" }>;

/** What users, AWS and CodeBuild set, also below names that begin like the agent's. */
const FROM_THE_BUILD = [
  "MY_TOKEN",
  "BITBUCKET_REPO_SLUG",
  "RUNNER_FLAVOUR",
  "AWS_REGION",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "CODEBUILD_BUILD_ID",
];
/** What start.sh would take from variables just as well. */
const OF_START_SH = [
  ...["ACCOUNT_UUID", "REPOSITORY_UUID", "RUNNER_UUID", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "RUNTIME"],
  ...["WORKING_DIRECTORY", "RUNNER_RELEASE_URL"],
];

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
        workingDirectory: `${folder}/work`,
        logFile: `${folder}/runner.log`,
      },
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        JAVA_HOME: `${folder}/java`,
        ...Object.fromEntries(
          Object.values(agentSettings).flatMap(({ variables }) =>
            variables.map((name) => [name, "of-the-agent"])
          ),
        ),
        BITBUCKET_OAUTH_CLIENT_SECRET: "build's-secret",
        RUNNER_RELEASE_URL: "https://mirror",
        ...Object.fromEntries(FROM_THE_BUILD.map((name) => [name, `the build's ${name}`])),
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
  const runner = await prepareRunner({ ...systemHost(), env: scene.env }, {
    type: "shell",
    runnerHome: scene.home,
    log: scene.log.log,
  });
  const record = await runner.launch(scene.launch);
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
      ...["--OAuthClientId", "client-id", "--OAuthClientSecret", SECRET],
      ...["--runtime", "linux-shell", "--workingDirectory", `${scene.folder}/work`],
    ]);
    assert.match(text, /openjdk version "17\.0\.15"/);
    assert.equal(
      (await Deno.readTextFile(`${scene.home}/folder`)).trim(),
      await Deno.realPath(`${scene.home}/bin`),
    );
    assert.match(scene.log.text(), /Using Java 17 from JAVA_HOME/);

    assert.equal(await control.pulse(), "alive");
    await control.keepOutputFlowing();
    assert.equal(await control.stop(LONG_MS), "stopped");
    assert.match(await Deno.readTextFile(scene.launch.logFile), /Shutdown completed\n$/);
    assert.equal(await control.pulse(), "dead");
    assert.equal(await control.stop(LONG_MS), "was gone");
    await control.cleanUp();
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

Deno.test("Shell runner's environment, which steps inherit, holds the build's variables and nothing of the agent's", async () => {
  await withScene({}, async (scene) => {
    scene.keep(await launch(scene));
    await said(scene, "ONLINE");
    const text = await Deno.readTextFile(`${scene.home}/environment`);
    const values = Object.fromEntries(text.split("\n").map((line) => line.split("=", 2)));
    for (const name of FROM_THE_BUILD) assert.equal(values[name], scene.env[name], name);
    for (const name of OF_START_SH) assert.equal(name in values, false, name);
    for (const { variables } of Object.values(agentSettings)) {
      for (const name of variables.filter((one) => !one.startsWith("CODEBUILD_"))) {
        assert.equal(name in values, false, name);
      }
    }
    for (const secret of [SECRET, "build's-secret", "client-id"]) assert.equal(text.includes(secret), false);
    assert.equal(scene.log.text().includes(SECRET), false);
    assert.equal(values.PATH, `${scene.folder}/java/bin:${scene.env.PATH}:${scene.home}/tools`);
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

const SEEN: readonly { name: string; java: string; script?: string; reason: RegExp }[] = [
  {
    name: "whose start.sh runs something else",
    java: sayVersion("17.0.15"),
    reason: /start\.sh does not run Java as Atlassian's script does/,
  },
  {
    name: "on a Java without argument files",
    java: saysVersionPlainly("17.0.15"),
    script: START_SCRIPT,
    reason: /java takes no argument file/,
  },
];

for (const { name, java, script, reason } of SEEN) {
  Deno.test(`Shell runner ${name} gets its secret by flag, and a warning says so once`, async () => {
    await withScene({}, async (scene) => {
      await makeJava(`${scene.folder}/java`, `${java} || echo "as argument: $*"; exit 0`);
      if (script !== undefined) await writeScript(`${scene.home}/bin/start.sh`, script);
      scene.keep(await launch(scene));
      await said(scene, SECRET);
      const warnings = scene.log.text().split("\n").filter((line) => line.includes("warning: "));
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", reason);
    });
  });
}

Deno.test("Shell runner names the installer when start.sh is missing", async () => {
  await withScene({}, async (scene) => {
    await Deno.remove(`${scene.home}/bin/start.sh`);
    await assert.rejects(launch(scene), (error: ProgramError) => {
      assert.equal(error.message, `Cannot prepare the runner: ${scene.home}/bin/start.sh cannot be read`);
      assert.match(error.hint ?? "", /install-shell\.sh/);
      return true;
    });
  });
});

for (const [java, taken] of [[25, "25.0.1"], [17, "17.0.15"]] as const) {
  Deno.test(`Shell runner compiled for Java ${java} takes Java ${java} of three that are installed`, async () => {
    await withScene({}, async (scene) => {
      const jvmFolder = `${scene.folder}/jvm`;
      for (const version of ["11.0.20", "17.0.15", "25.0.1"]) {
        await makeJava(`${jvmFolder}/java-${version}`, sayVersion(version));
      }
      await Deno.writeFile(`${scene.home}/bin/runner.jar`, runnerJar(java));
      const { JAVA_HOME: _, ...env } = scene.env;
      await prepareShellRunner({ ...systemHost(), env: { ...env, PATH: await toolsOnly(scene.folder) } }, {
        runnerHome: scene.home,
        log: scene.log.log,
        jvmFolder,
      });
      assert.ok(
        scene.log.text().includes(
          `Using Java ${java} from ${jvmFolder}: ${jvmFolder}/java-${taken}/bin/java`,
        ),
      );
    });
  });
}

Deno.test("Shell runner 6, compiled for Java 25, is not prepared with Java 17, and both are named with their places", async () => {
  await withScene({}, async (scene) => {
    await Deno.writeFile(`${scene.home}/bin/runner.jar`, runnerJar(25));
    const host = { ...systemHost(), env: { ...scene.env, PATH: await toolsOnly(scene.folder) } };
    const options = { runnerHome: scene.home, log: scene.log.log, jvmFolder: `${scene.folder}/nothing` };
    await assert.rejects(prepareShellRunner(host, options), {
      message: `Cannot find Java 25 or later, which ${scene.home}/bin/runner.jar needs: ` +
        `${scene.folder}/java/bin/java from JAVA_HOME is Java 17`,
    });
  });
});

Deno.test("Shell runner is not prepared on an image without setsid", async () => {
  await withScene({}, async (scene) => {
    const path = await toolsOnly(scene.folder);
    await Deno.remove(`${path}/setsid`);
    const host = { ...systemHost(), env: { ...scene.env, PATH: path } };
    const options = { runnerHome: scene.home, log: scene.log.log };
    await assert.rejects(prepareShellRunner(host, options), { message: /there is no setsid on the PATH$/ });
  });
});

/** A PATH without Java, and with what steps need. */
async function toolsOnly(folder: string): Promise<string> {
  for (const name of ["bash", "setsid"]) await writeScript(`${folder}/tools/${name}`, "true");
  await writeScript(`${folder}/tools/git`, "echo git version 2.40.0");
  return `${folder}/tools`;
}
