import assert from "node:assert/strict";
import { readAgentConfig } from "../../agent/settings/agent_settings.ts";
import { runAgent } from "../../agent/program.ts";
import type { AgentState } from "../../agent/settings/agent_schema.ts";
import { StateFile } from "../../agent/settings/state_file.ts";
import { ConfigurationError, InterruptedError } from "../../shared/program/errors.ts";
import { VERSION } from "../../shared/program/version.ts";
import { FakeBitbucket } from "../fixtures/servers/fake_bitbucket.ts";
import { errorBody } from "../fixtures/servers/fake_bitbucket_state.ts";
import { makeJava, makeRunnerHome, sayVersion } from "../fixtures/programs/runner_home.ts";
import { quickHost } from "../fixtures/quick_host.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";
import { agentEnvironment, runAgentProcess, spawnAgent } from "../fixtures/programs/agent_process.ts";

const PHASES = "codebuild-agent takes one of pre_build, build, post_build";
const HELP_HINT = "hint: See codebuild-agent --help\n";

const COMMAND_LINES: readonly { args: string[]; code: number; stdout?: RegExp; stderr?: string }[] = [
  { args: ["--help"], code: 0, stdout: /^Usage: codebuild-agent <phase>\n/ },
  { args: ["build", "-h"], code: 0, stdout: /^Usage: codebuild-agent <phase>\n/ },
  { args: ["--version"], code: 0, stdout: new RegExp(`^codebuild-agent ${VERSION} \\(.+\\)\\n$`) },
  { args: [], code: 2, stderr: `error: No phase is given: ${PHASES}\n${HELP_HINT}` },
  { args: ["install"], code: 2, stderr: `error: There is no phase «install»: ${PHASES}\n${HELP_HINT}` },
  {
    args: ["prebuild"],
    code: 2,
    stderr: `error: There is no phase «prebuild»: did you mean pre_build?\n${HELP_HINT}`,
  },
  { args: ["toString"], code: 2, stderr: `error: There is no phase «toString»: ${PHASES}\n${HELP_HINT}` },
  {
    args: ["build", "now"],
    code: 2,
    stderr: `error: There is nothing to do with «now»: ${PHASES}\n${HELP_HINT}`,
  },
];

for (const { args, code, stdout = /^$/, stderr = "" } of COMMAND_LINES) {
  Deno.test(`\`codebuild-agent ${args.join(" ")}\` ends with ${code}`, async () => {
    const run = await runAgentProcess({}, args);
    assert.deepEqual([run.code, run.stderr], [code, stderr]);
    assert.match(run.stdout, stdout);
  });
}

for (const phase of ["pre_build", "build"]) {
  Deno.test(`\`codebuild-agent ${phase}\` reports all that is wrong with its configuration and ends with 2`, async () => {
    const env = { RUNNER_LABEL: "GPU", BITBUCKET_OAUTH_CLIENT_ID: "key", BITBUCKET_API_EMAIL: "a@b.c" };
    const { code, stdout, stderr } = await runAgentProcess(env, [phase]);
    assert.deepEqual([code, stdout], [2, ""]);
    let problems: readonly string[] = [];
    try {
      readAgentConfig(env);
    } catch (error) {
      assert.ok(error instanceof ConfigurationError);
      problems = error.problems;
    }
    assert.equal(problems.length, 7);
    assert.deepEqual(stderr.split("\n").slice(0, 7), problems.map((problem) => `error: ${problem}`));
    assert.match(stderr, /\nhint: start-runner sets these in the build; .*\n$/);
  });
}

Deno.test("`codebuild-agent post_build` ends with 0 where nothing is left, whatever the configuration", async () => {
  await withTemporaryFolder(async (folder) => {
    const env = { RUNNER_HOME: folder, RUNNER_LABEL: "GPU" };
    assert.deepEqual(await runAgentProcess(env, ["post_build"]), { code: 0, stdout: "", stderr: "" });
  });
});

Deno.test("`codebuild-agent build` without a runner ends with 1 and says what to look at", async () => {
  await withTemporaryFolder(async (folder) => {
    const { code, stderr } = await runAgentProcess(agentEnvironment("http://127.0.0.1:9", folder), ["build"]);
    assert.equal(code, 1);
    assert.match(stderr, /^error: There is no runner to watch\nhint: pre_build.sh brings it up;/);
  });
});

Deno.test("`codebuild-agent pre_build` without a bundle ends with 1", async () => {
  await withTemporaryFolder(async (folder) => {
    const { code, stderr } = await runAgentProcess(agentEnvironment("http://127.0.0.1:9", folder), [
      "pre_build",
    ]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^error: Cannot read ${folder}/bundle.json\\nhint: RUNNER_HOME must be`));
  });
});

for (const phase of ["pre_build", "build"]) {
  Deno.test(`\`codebuild-agent ${phase}\` under LOG_FORMAT=json fails in one JSON object for each problem`, async () => {
    const { code, stderr } = await runAgentProcess({ LOG_FORMAT: "json", RUNNER_LABEL: "GPU" }, [phase]);
    const lines = stderr.split("\n").slice(0, -1).map((line) => JSON.parse(line));
    assert.equal(code, 2);
    assert.ok(lines.length > 4);
    for (const { level, message, hint, exitCode } of lines) {
      assert.deepEqual([level, exitCode], ["error", 2]);
      assert.match(message, /^(Missing|Cannot use «GPU»)/);
      assert.match(hint, /^start-runner sets these/);
    }
  });
}

/** An installed shell bundle, a Java and a Bitbucket. */
async function installed(
  body: (folder: string, fake: FakeBitbucket, env: Record<string, string>) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await using fake = await FakeBitbucket.start();
    await makeRunnerHome(folder);
    await makeJava(`${folder}/java`, sayVersion("17.0.15"));
    await Deno.writeTextFile(
      `${folder}/bundle.json`,
      JSON.stringify({ type: "shell", runnerVersion: "5.6.0" }),
    );
    const build = { JAVA_HOME: `${folder}/java`, CODEBUILD_SRC_DIR: `${folder}/src` };
    await body(folder, fake, { ...agentEnvironment(fake.url, folder), ...build });
  });
}

Deno.test("`codebuild-agent pre_build` with refused credentials ends with 3 and does not show them", async () => {
  await installed(async (_folder, _fake, build) => {
    const env = { ...build, BITBUCKET_OAUTH_CLIENT_SECRET: "the-wrong-secret" };
    const { code, stdout, stderr } = await runAgentProcess(env, ["pre_build"]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^error: .*Bitbucket/m);
    assert.ok(!`${stdout}${stderr}`.includes("the-wrong-secret"));
  });
});

Deno.test("`codebuild-agent post_build` unregisters what a killed phase left, and may be repeated", async () => {
  await installed(async (folder, fake) => {
    const { uuid, name } = fake.state.addRunner({ name: "codebuild-app-1" });
    const other = fake.state.addRunner({ name: "somebody-else's" });
    const left = { name, labels: [], logFile: `${folder}/runner.log`, runnerUuid: uuid };
    await Deno.writeTextFile(`${folder}/state.json`, JSON.stringify(left));
    const first = await runAgentProcess(agentEnvironment(fake.url, folder), ["post_build"]);
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(fake.state.runners, [other]);
    assert.equal(JSON.parse(await Deno.readTextFile(`${folder}/state.json`)).removed, true);
    const requests = fake.requests.length;
    const second = await runAgentProcess(agentEnvironment(fake.url, folder), ["post_build"]);
    assert.deepEqual([second.code, fake.requests.length], [0, requests]);
  });
});

Deno.test("`codebuild-agent post_build` finds by its name a runner whose registration was cut off", async () => {
  await installed(async (folder, fake) => {
    const { name } = fake.state.addRunner({ name: "codebuild-app-1" });
    const left = { name, labels: [], logFile: `${folder}/runner.log` };
    await Deno.writeTextFile(`${folder}/state.json`, JSON.stringify(left));
    const { code, stderr } = await runAgentProcess(agentEnvironment(fake.url, folder), ["post_build"]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(fake.state.runners, []);
  });
});

for (const damaged of ["state.json", "state-2.json"]) {
  Deno.test(`\`codebuild-agent post_build\` removes each runner although ${damaged} cannot be read`, async () => {
    await installed(async (folder, fake) => {
      const env = agentEnvironment(fake.url, folder);
      const names = { "state.json": "1-app", "state-2.json": "1.2-app", "state-3.json": "1.3-app" };
      for (const [file, name] of Object.entries(names)) {
        const { uuid } = fake.state.addRunner({ name });
        const left = { name, labels: [], logFile: `${folder}/runner.log`, runnerUuid: uuid };
        await Deno.writeTextFile(`${folder}/${file}`, file === damaged ? '{"na' : JSON.stringify(left));
      }
      const { code, stderr } = await runAgentProcess(env, ["post_build"]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, new RegExp(`Cannot read the state of the phase before from \\S+/${damaged}`));
      assert.deepEqual(fake.state.runners, []);
    });
  });
}

const REGISTERED: Omit<AgentState, "name" | "logFile"> = {
  type: "shell",
  labels: [],
  baseline: [],
  online: true,
  removed: false,
  leftoversDoubtful: false,
  requests: 3,
};

Deno.test("`codebuild-agent build` takes the secrets out of the state file before it does anything", async () => {
  await installed(async (folder, fake) => {
    const { uuid, name } = fake.state.addRunner({ name: "codebuild-app-1" });
    const file = new StateFile(folder);
    const left = { ...REGISTERED, name, logFile: `${folder}/runner.log`, runnerUuid: uuid };
    fake.state.tokens.set("Bearer the-held-token", Infinity);
    const token = { accessToken: "the-held-token", renewAtMs: Date.now() + 3_600_000 };
    const body = errorBody("It is the-runner's-secret");
    fake.plan({ route: "delete runner", fault: { kind: "status", status: 400, body }, times: 1 });
    await file.write(left, { runner: "the-runner's-secret", token });
    const texts: string[] = [];
    fake.beforeAnswer = () => texts.push(Deno.readTextFileSync(`${folder}/state.json`));
    const { code, stderr } = await runAgentProcess(agentEnvironment(fake.url, folder), ["build"]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /It is \*\*\*/);
    assert.equal(fake.count("token"), 0);
    assert.ok(texts.length > 0);
    for (const text of texts) assert.doesNotMatch(text, /secret|oken/);
  });
});

for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
  Deno.test(`\`codebuild-agent\` ends with ${code} on ${signal}, cleaned up`, async () => {
    await installed(async (_folder, fake, env) => {
      fake.plan({ route: "create runner", fault: { kind: "hang", acted: true }, times: 1 });
      const child = spawnAgent({ ...env, API_TIMEOUT: "1" }, ["pre_build"]);
      fake.beforeAnswer = (route) => {
        if (route === "create runner") child.kill(signal);
      };
      const run = await child.output();
      const stderr = new TextDecoder().decode(run.stderr);
      assert.equal(run.code, code, stderr);
      assert.match(stderr, new RegExp(`^error: Interrupted by ${signal}$`, "m"));
      assert.deepEqual(fake.state.runners, []);
    });
  });
}

Deno.test("`runAgent()` reports the interruption, whatever failed because of it", async () => {
  const signal = AbortSignal.abort(new InterruptedError("SIGINT"));
  const host = quickHost();
  assert.equal(await runAgent(host, ["build"], signal), 130);
  assert.deepEqual(host.written, ["error: Interrupted by SIGINT\n"]);
});

Deno.test("`codebuild-agent` ends at once on a second signal", async () => {
  await installed(async (_folder, fake, env) => {
    const hang = { fault: { kind: "hang", acted: false }, times: 100 } as const;
    fake.plan({ route: "create runner", ...hang });
    const child = spawnAgent({ ...env, API_TIMEOUT: "1" }, ["pre_build"]);
    fake.beforeAnswer = (route) => {
      const cleaningUp = fake.count("create runner") > 0;
      if (route === "create runner") fake.plan({ route: "list runners", ...hang });
      if (cleaningUp) child.kill("SIGTERM");
    };
    assert.equal((await child.output()).code, 143);
    assert.deepEqual(fake.requests.slice(-2).map(({ route }) => route), ["create runner", "list runners"]);
  });
});
