import assert from "node:assert/strict";
import { attachRunner } from "../../../agent/phases/launch_runner.ts";
import { listProcesses } from "../../../agent/process/process_table.ts";
import type { RunnerLaunch } from "../../../agent/runner/runner.ts";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { PLACEHOLDER } from "../../../agent/shell/java_launcher.ts";
import { secretByStdin } from "../../../agent/shell/secret_by_stdin.ts";
import { prepareShellRunner } from "../../../agent/shell/shell_runner.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { JAVA_TOOLS, makeJavaRunnerHome, shownSecret } from "../../fixtures/programs/java_runner.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

/** The part of each secret that is looked for wherever it must not be. */
const CANARY = "canary-of-the-runner";
const SECRETS = [`${CANARY}-plain`, ` #"${CANARY}'\\ $(id) * é鍵 `];

for (const secret of SECRETS) {
  Deno.test({
    ...needing(
      JAVA_TOOLS,
      `Java gets the secret «${secret}», and no process shows it while it starts or runs`,
    ),
    fn: async () => {
      const { shown, seen, warnings } = await launched(secret, { ...Deno.env.toObject(), LC_ALL: "C.UTF-8" });
      assert.ok(shown.includes(shownSecret(secret)), shown);
      assert.match(shown, /^stdin -1$/m);
      assert.deepEqual([seen, warnings], [[], ""]);
    },
  });
}

Deno.test({
  ...needing(
    JAVA_TOOLS,
    "Java shows no secret where the build's LD_LIBRARY_PATH would make it start itself anew",
  ),
  fn: async () => {
    const home = (await Deno.realPath(await javaOnPath())).replace(/\/bin\/java$/, "");
    const env = { ...Deno.env.toObject(), LD_LIBRARY_PATH: `/nowhere:${home}/lib/server` };
    const { shown, seen } = await launched(`${CANARY}-anew`, env);
    assert.ok(shown.includes(shownSecret(`${CANARY}-anew`)), shown);
    assert.deepEqual(seen, []);
  },
});

Deno.test({
  ...needing(JAVA_TOOLS, "a start script that exports what it was given exports no secret"),
  fn: async () => {
    const exporting = "set -a\n";
    const { shown, seen } = await launched(`${CANARY}-kept`, Deno.env.toObject(), exporting);
    assert.ok(shown.includes(shownSecret(`${CANARY}-kept`)), shown);
    assert.deepEqual(seen, []);
  },
});

Deno.test("`secretByStdin()` makes a private folder in place of what is there, with nothing secret in it", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/somebody's`);
    await Deno.writeTextFile(`${folder}/somebody's/file`, "stays");
    await Deno.symlink(`${folder}/somebody's`, `${folder}/launch`);
    const env = runnerEnvironment({ PATH: "/bin", JAVA_HOME: "/jvm" });
    const start = await secretByStdin(
      { folder, java: "/jvm/bin/java", env },
      launchOf(folder, CANARY),
    );
    assert.deepEqual(start, {
      launch: { ...launchOf(folder, CANARY), oauthClientSecret: PLACEHOLDER },
      env: { PATH: `${folder}/launch/bin:/bin`, JAVA_HOME: `${folder}/launch` },
      input: `${CANARY}\n`,
    });
    for (const path of ["launch", "launch/bin", "launch/bin/java"]) {
      assert.equal((Deno.lstatSync(`${folder}/${path}`).mode ?? 0) & 0o777, 0o700, path);
    }
    assert.equal(Deno.lstatSync(`${folder}/launch`).isDirectory, true);
    assert.equal((await Deno.readTextFile(`${folder}/launch/bin/java`)).includes(CANARY), false);
    assert.equal(await Deno.readTextFile(`${folder}/somebody's/file`), "stays");
  });
});

Deno.test("`secretByStdin()` refuses a secret of two lines, and says where it cannot write", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = { folder: `${folder}/missing`, java: "/java", env: runnerEnvironment({}) };
    await assert.rejects(secretByStdin(path, launchOf(folder, "a\nb")), {
      message: /has more than one line$/,
    });
    await assert.rejects(secretByStdin(path, launchOf(folder, "a")), {
      name: "RunnerError",
      message: new RegExp(`^Cannot write ${folder}/missing/launch: `),
    });
  });
});

/** What a runner in Java shows, and what of the canary stands in any process's arguments or environment, or below /tmp. */
async function launched(secret: string, env: Record<string, string>, scriptHead = "") {
  let outcome = { shown: "", seen: [] as string[], warnings: "" };
  await withTemporaryFolder(async (folder) => {
    await makeJavaRunnerHome(`${folder}/home of "it's"`, scriptHead);
    const { log, text } = recordedLog();
    const host = { ...systemHost(), env };
    const runner = await prepareShellRunner(host, { runnerHome: `${folder}/home of "it's"`, log });
    const launch = launchOf(folder, secret);
    const watch = watching();
    const record = await runner.launch(launch);
    const control = attachRunner(systemHost(), record, { log });
    try {
      const shown = await eventually("Java is up", async () => {
        const all = await Deno.readTextFile(launch.logFile);
        return all.includes("stdin") ? all : undefined;
      });
      const [{ pid } = { pid: 0 }] = record.type === "shell" ? [record] : [];
      assert.equal(listProcesses()?.find((one) => one.pid === pid)?.name, "java");
      outcome = { shown, seen: [...await watch.end(), ...filesWithCanary()], warnings: warningsIn(text()) };
    } finally {
      await control.stop(0);
    }
  });
  return outcome;
}

/** Looks at all processes as often as it can. */
function watching() {
  const seen = new Set<string>();
  let over = false;
  const looking = (async () => {
    while (!over) {
      for (const { pid } of listProcesses() ?? []) {
        for (const file of ["cmdline", "environ"]) {
          const text = read(`/proc/${pid}/${file}`);
          if (pid !== Deno.pid && text.includes(CANARY)) seen.add(`${file} of ${text.slice(0, 80)}`);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  })();
  return {
    async end() {
      over = true;
      await looking;
      return [...seen];
    },
  };
}

/** HotSpot's own files about running Javas. */
function filesWithCanary(): string[] {
  const folders = [...Deno.readDirSync("/tmp")].filter(({ name }) => name.startsWith("hsperfdata_"));
  const files = folders.flatMap(({ name }) =>
    [...Deno.readDirSync(`/tmp/${name}`)].map((file) => `/tmp/${name}/${file.name}`)
  );
  return files.filter((file) => read(file).includes(CANARY));
}

function read(file: string): string {
  try {
    return new TextDecoder("latin1").decode(Deno.readFileSync(file));
  } catch {
    return "";
  }
}

function warningsIn(text: string): string {
  return text.split("\n").filter((line) => line.includes("warning")).join("\n");
}

async function javaOnPath(): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", "command -v java"] }).output();
  return new TextDecoder().decode(stdout).trim();
}

function launchOf(folder: string, oauthClientSecret: string): RunnerLaunch {
  return {
    runnerName: "codebuild-test",
    runnerUuid: "{runner}",
    workspaceUuid: "{workspace}",
    repositoryUuid: "{repository}",
    oauthClientId: "client-id",
    oauthClientSecret,
    workingDirectory: `${folder}/work`,
    logFile: `${folder}/runner.log`,
  };
}
