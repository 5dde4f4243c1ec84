import assert from "node:assert/strict";
import { versionLine } from "../../shared/program/version.ts";
import { needing } from "../fixtures/needing.ts";
import { startFakeAws } from "../fixtures/servers/fake_aws.ts";
import { runProcess, spawnStartRunner, stepEnvironment } from "../fixtures/programs/start_runner.ts";

const NEVER_READY = [{ phase: "PROVISIONING" }];

Deno.test("start-runner ends with 0 once the runner is online", async () => {
  await using aws = startFakeAws();
  const { code, stdout, stderr } = await runProcess(stepEnvironment(aws));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Runner online: 00000000-0000-4000-8000-000000000001-ci\nBuild: ci:\S+\n$/);
});

Deno.test("start-runner ends with 2 for a bad configuration, before anything is asked of AWS", async () => {
  await using aws = startFakeAws();
  const { code, stdout, stderr } = await runProcess(stepEnvironment(aws), ["--timeout", "1"]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /^error: Cannot use «1» from --timeout: --timeout or CODEBUILD_TIMEOUT takes a whole number/m,
  );
  assert.deepEqual(aws.calls, []);
});

Deno.test("start-runner ends with 3 when AWS refuses the credentials", async () => {
  await using aws = startFakeAws({
    lasting: { AssumeRoleWithWebIdentity: { error: "AccessDenied", status: 403 } },
  });
  assert.equal((await runProcess(stepEnvironment(aws))).code, 3);
});

Deno.test("start-runner ends with 4 when the build cannot be started", async () => {
  await using aws = startFakeAws({ lasting: { StartBuild: { error: "ResourceNotFoundException" } } });
  assert.equal((await runProcess(stepEnvironment(aws))).code, 4);
});

Deno.test("start-runner ends with 5 when the build ends first", async () => {
  await using aws = startFakeAws({
    stages: [{ ended: "FAILED", phase: "INSTALL" }],
    logLines: ["curl: (6)"],
  });
  const { code, stderr } = await runProcess(stepEnvironment(aws));
  assert.equal(code, 5);
  assert.match(stderr, /\| curl: \(6\)/);
});

Deno.test("start-runner ends with 6 when the startup timeout passes, with the build stopped", async () => {
  await using aws = startFakeAws({ stages: NEVER_READY });
  const { code, stderr } = await runProcess(stepEnvironment(aws), ["--startup-timeout", "1"]);
  assert.equal(code, 6, stderr);
  assert.equal(aws.running().length, 0);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`start-runner ends with ${code} on ${signal}, with the build stopped`, async () => {
    let looked = () => {};
    const look = new Promise<void>((resolve) => looked = resolve);
    await using aws = startFakeAws({
      stages: NEVER_READY,
      beforeAnswer: (call) => {
        if (call === "BatchGetBuilds") looked();
      },
    });
    const child = spawnStartRunner(stepEnvironment(aws));
    await look;
    child.kill(signal);
    const { code: ended, stderr } = await child.output();
    assert.equal(ended, code, new TextDecoder().decode(stderr));
    assert.equal(aws.running().length, 0);
  });
}

Deno.test("start-runner gives up its clean-up at a second signal", async () => {
  let stopping = () => {};
  const stop = new Promise<void>((resolve) => stopping = resolve);
  let looked = () => {};
  const look = new Promise<void>((resolve) => looked = resolve);
  await using aws = startFakeAws({
    stages: NEVER_READY,
    lasting: { StopBuild: "hang" },
    beforeAnswer: (call) => {
      if (call === "BatchGetBuilds") looked();
      if (call === "StopBuild") stopping();
    },
  });
  const child = spawnStartRunner(stepEnvironment(aws, { API_TIMEOUT: "300" }));
  await look;
  child.kill("SIGTERM");
  await stop;
  child.kill("SIGTERM");
  assert.equal((await child.output()).code, 143);
});

Deno.test("start-runner prints help, version and buildspec without any configuration", async () => {
  const help = await runProcess({}, ["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^start-runner /);
  assert.doesNotMatch(help.stdout, /--credentials/);
  const all = await runProcess({}, ["start", "--help"]);
  assert.match(all.stdout, /^ {2}--credentials /m);
  const version = await runProcess({}, ["--version"]);
  assert.deepEqual([version.code, version.stdout], [0, `${versionLine("start-runner")}\n`]);
  const buildspec = await runProcess({}, ["buildspec", "--runner-type", "docker"]);
  assert.equal(buildspec.code, 0);
  assert.match(buildspec.stdout, /install-docker\.sh/);
});

Deno.test("start-runner reaches AWS through a proxy", async () => {
  await using aws = startFakeAws();
  const env = { ...stepEnvironment({ url: "http://127.0.0.1:49151" }), HTTP_PROXY: aws.url, NO_PROXY: "" };
  const { code, stderr } = await runProcess(env);
  assert.equal(code, 0, stderr);
});

Deno.test("start-runner finds its way past a proxy that is not for everybody", async () => {
  await using aws = startFakeAws();
  const env = { ...stepEnvironment(aws), HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1" };
  const { code, stderr } = await runProcess(env);
  assert.equal(code, 0, stderr);
});

const TERMINALS:
  readonly (readonly [name: string, env: Record<string, string>, colour: boolean, moves: boolean])[] = [
    ["colours and a line that moves on a terminal", { TERM: "xterm", NO_COLOR: "" }, true, true],
    ["no colours with NO_COLOR, but a line that moves", { TERM: "xterm", NO_COLOR: "1" }, false, true],
    ["neither on a terminal that is dumb", { TERM: "dumb" }, false, false],
  ];

for (const [name, env, colour, moves] of TERMINALS) {
  Deno.test(needing(["script"], `start-runner shows ${name}`), async () => {
    await using aws = startFakeAws();
    const shown = await onTerminal(stepEnvironment(aws, env));
    assert.match(shown, /Runner online: /);
    assert.equal(/ESC\[\d+m/.test(shown), colour, shown);
    assert.equal(/submitted … \d+ sCRESC\[K/.test(shown), moves, shown);
  });
}

Deno.test("start-runner shows no colours and nothing that moves where nobody looks at a terminal", async () => {
  await using aws = startFakeAws();
  const { stdout, stderr } = await runProcess(stepEnvironment(aws, { TERM: "xterm" }));
  assert.doesNotMatch(spelled(`${stdout}${stderr}`), /ESC|CR/);
});

/** What a terminal is given to show while start-runner runs in it. */
async function onTerminal(env: Record<string, string>): Promise<string> {
  const main = new URL("../../cli/main.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command("script", {
    args: ["-qec", `'${Deno.execPath()}' run -q -A '${main}'`, "/dev/null"],
    env,
    stdin: "null",
    stdout: "piped",
  }).output();
  return spelled(new TextDecoder().decode(stdout));
}

function spelled(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\x1b", "ESC").replaceAll("\r", "CR");
}
