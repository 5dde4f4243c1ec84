import assert from "node:assert/strict";
import fc from "fast-check";
import { startOptions, startSettings } from "../../cli/options/options.ts";
import { flagName, type Setting } from "../../shared/settings/settings.ts";
import { runInProcess, stepEnvironment } from "../fixtures/programs/start_runner.ts";
import { startFakeAws } from "../fixtures/servers/fake_aws.ts";
import { forgedLine, hostileText } from "./hostile_text.ts";

const SETTINGS: readonly Setting<unknown>[] = Object.values(startSettings);
const OPTIONS: readonly Setting<unknown>[] = Object.values(startOptions);

/** Those by which the program would go elsewhere, so that nothing more could be seen of it. */
const ADDRESSES = /^(BITBUCKET_API_URL|BITBUCKET_OAUTH_TOKEN_URL)$/;
const VARIABLES = [
  ...SETTINGS.flatMap(({ variables }) => variables).filter((name) => !ADDRESSES.test(name)),
  ...[
    "CODEBUILD_ENV_MINE",
    "BITBUCKET_PROJECT_KEY",
    "RUNNER_IMAGE",
    "RUNNER_HOME",
    "BITBUCKET_POLL_INTERVAL",
  ],
];
const FLAGS = OPTIONS.flatMap((option) => flagName(option) ?? []);
/** What alone makes the program refuse nearly every value, so that it rarely gets further: those are tried less often. */
const FREE = VARIABLES.filter((name) =>
  /BRANCH|TAG|COMMIT|SLUG|WORKSPACE$|BUILD_NUMBER|RUN_NUMBER|ENV_MINE|EMAIL|OIDC|PROJECT_KEY/.test(name)
);

const variables = fc.dictionary(
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...FREE) }, {
    weight: 1,
    arbitrary: fc.constantFrom(...VARIABLES),
  }),
  hostileText,
  { maxKeys: 4 },
);
const words = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom(...FLAGS), hostileText),
    fc.tuple(fc.constantFrom(...FLAGS), hostileText).map(([flag, value]) => [`${flag}=${value}`]),
    hostileText.map((word) => [word]),
  ),
  { maxLength: 1 },
).map((found) => found.flat());

const TEXT = /^(\d\d:\d\d:\d\d |error: |hint: )/;
const RESULT = /^(Runner online: [\w.-]+|Build: [\w:-]+)$/;

function shownWell(output: string, format: string, ours: RegExp): string | undefined {
  if (format !== "json") return forgedLine(output, ours);
  const lines = output.split("\n").slice(0, -1);
  const messages = lines.map((line) => {
    const { level = "info", message = "", hint = "" } = JSON.parse(line);
    return `${level}${message}${hint}\n`;
  });
  return forgedLine(messages.join(""), /^(info|warning|error)/) ?? forgedLine(output, /^\{/);
}

Deno.test("start-runner passes every hostile input on as it is, or refuses it, and nothing forges a line", async () => {
  let started = 0;
  let refused = 0;
  await using aws = startFakeAws();
  await fc.assert(
    fc.asyncProperty(variables, words, fc.constantFrom("text", "json"), async (hostile, args, format) => {
      aws.calls.length = 0;
      const env = { ...stepEnvironment(aws), ...hostile, LOG_FORMAT: format };
      const { code, stdout, stderr } = await runInProcess(env, { args });
      const shown = JSON.stringify({ code, stdout: stdout.slice(0, 2000), stderr: stderr.slice(0, 2000) });
      const help = args.length > 0 && code === 0 && aws.calls.length === 0;
      // A number is a value like any other, also of --startup-timeout, which may be too short for the first look.
      const hurried = "STARTUP_TIMEOUT" in hostile ||
        args.some((word) => word.startsWith("--startup-timeout"));
      assert.ok([0, 2].includes(code) || (hurried && code === 6), shown);
      if (args.some((word) => word.includes("log-format"))) return;
      assert.equal(shownWell(stderr, format, TEXT), undefined, shown);
      if (code === 2) {
        refused++;
        assert.deepEqual([aws.calls, stdout], [[], ""]);
      } else if (code === 6) {
        assert.equal(stdout, "");
      } else if (!help) {
        started++;
        assert.equal(shownWell(stdout, format, RESULT), undefined, shown);
        assertSent(aws.calls.find(({ call }) => call === "StartBuild")?.input ?? {}, env);
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(started > 50 && refused > 50, `${started} started, ${refused} refused`);
});

/** The user's own variable arrives as it is; STS gets a session's name that it takes. */
function assertSent(input: Record<string, unknown>, env: Readonly<Record<string, string>>): void {
  const sent = input["environmentVariablesOverride"] as { name: string; value: string }[];
  const mine = sent.find(({ name }) => name === "MINE")?.value;
  assert.equal(mine?.toWellFormed(), env["CODEBUILD_ENV_MINE"]?.toWellFormed());
  for (const { name } of sent) assert.match(name, /^[A-Z_]+$/);
}

Deno.test("what AWS says, and what a build has logged, forges no line of start-runner's", async () => {
  await fc.assert(
    fc.asyncProperty(hostileText, fc.array(hostileText, { maxLength: 3 }), async (message, logLines) => {
      for (const [phase, lines] of [["BUILD", logLines], ["PRE_BUILD", logLines.map(withinALine)]] as const) {
        const ended = { ended: "FAILED", phase, code: "COMMAND_EXECUTION_ERROR", message };
        await using aws = startFakeAws({ stages: [ended], logLines: lines });
        for (const format of ["text", "json"]) {
          const { code, stdout, stderr } = await runInProcess({
            ...stepEnvironment(aws),
            LOG_FORMAT: format,
          });
          assert.deepEqual([code, stdout], [5, ""]);
          assert.equal(shownWell(stderr, format, TEXT), undefined, JSON.stringify(stderr.slice(0, 2000)));
        }
      }
      await using refusing = startFakeAws({
        lasting: { StartBuild: { error: "InvalidInputException", message } },
      });
      const { code, stderr } = await runInProcess(stepEnvironment(refusing));
      assert.equal(code, 4);
      assert.equal(forgedLine(stderr, TEXT), undefined, JSON.stringify(stderr.slice(0, 2000)));
    }),
    { numRuns: 50 },
  );
});

/** Before its runner is online, a build's whole lines are its own; text from elsewhere stands within them. */
function withinALine(text: string): string {
  return `12:00:00   | ${text.replaceAll("\n", " ")}`;
}

Deno.test("start-runner refuses what it cannot use with exit code 2, and shows it spelled out", async () => {
  const env = { CODEBUILD_PROJECT: "x\nerror: forged\x1b[2J", CODEBUILD_REGION: "eu-west-1" };
  const { code, stderr } = await runInProcess(env, { args: ["--timeout", `${"9".repeat(4096)}`] });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^error: Cannot use «x\\nerror: forged\\x1b\[2J» from CODEBUILD_PROJECT: --project or /m,
  );
  assert.match(
    stderr,
    /^error: Cannot use «9{200}… \(3896 characters left out\)» from --timeout: --timeout or /m,
  );
});

Deno.test("variables whose bytes are no UTF-8 count as not set", async () => {
  await using aws = startFakeAws();
  const env = Object.entries(stepEnvironment(aws)).map(([name, value]) => `${name}='${value}'`).join(" ");
  const broken =
    "export BITBUCKET_BRANCH=$(printf 'a\\377\\300\\257b') CODEBUILD_ENV_MINE=$(printf '\\355\\240\\200')";
  const main = new URL("../../cli/main.ts", import.meta.url).pathname;
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", `${broken}; ${env} exec "$1" run -q -A ${main}`, "sh", Deno.execPath()],
  }).output();
  assert.equal(code, 0);
  assert.match(new TextDecoder("utf-8", { fatal: true }).decode(stderr), / of acme\/app\n/);
  const sent = aws.builds[0]?.input["environmentVariablesOverride"] as { name: string }[];
  assert.ok(!sent.some(({ name }) => name === "MINE"));
});
