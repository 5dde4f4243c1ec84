import assert from "node:assert/strict";
import { parseCommandLine } from "../../../cli/options/command_line.ts";
import { startCommand } from "../../../cli/commands/start_command.ts";
import { jobOptions } from "../../../cli/options/job_options.ts";
import { switchOption } from "../../../cli/options/option_values.ts";
import { startConfig } from "../../../cli/options/start_config.ts";
import { stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const STEP = stepEnvironment({ url: "http://127.0.0.1:1" });

Deno.test("the command line reports all problems in one go", () => {
  const line = parseCommandLine(startCommand, [
    "surplus",
    "--nope",
    "--timeout",
    "1",
    "--image",
    "--label=Ab",
    "--region",
    "eu-west-1",
    "--region",
    "eu-west-2",
    "-x",
  ]);
  const problems = [...line.problems, ...startConfig(line.flags, STEP).problems];
  for (const part of ["--nope", "«surplus»", "«1»", "--image", "«Ab»", "--region", "flag -x"]) {
    assert.equal(
      problems.filter((problem) => problem.includes(part)).length,
      1,
      `${part} in ${problems.join("\n")}`,
    );
  }
  assert.equal(problems.length, 7);
});

Deno.test("`parseCommandLine()` says what a flag without its value takes", () => {
  const { problems } = parseCommandLine(startCommand, ["--timeout"]);
  assert.deepEqual(problems, [
    "Missing the value after --timeout: --timeout or CODEBUILD_TIMEOUT takes a whole number of minutes from 5 to 2160",
  ]);
});

Deno.test("`parseCommandLine()` takes a boolean flag alone and with a value", () => {
  for (
    const [args, text] of [[["--multi-step"], "true"], [["--multi-step=0"], "0"], [
      ["--multi-step", "false"],
      "false",
    ]] as const
  ) {
    assert.deepEqual(parseCommandLine(startCommand, args).flags, { multiStep: text });
  }
});

Deno.test("`parseCommandLine()` sees what is wanted, and says which words are too many or missing", () => {
  const logs = {
    name: "logs",
    options: {},
    operands: [{ name: "BUILD", help: "a build's id", required: true }],
  };
  assert.equal(parseCommandLine(startCommand, []).wants, "run");
  assert.equal(parseCommandLine(startCommand, ["-h"]).wants, "help");
  assert.equal(parseCommandLine(startCommand, ["--version"]).wants, "version");
  assert.deepEqual(parseCommandLine(logs, ["ci:1"]).operands, ["ci:1"]);
  assert.deepEqual(parseCommandLine(logs, []).problems, [
    "Missing BUILD, a build's id: start-runner logs BUILD",
  ]);
  assert.deepEqual(parseCommandLine(logs, ["ci:1", "ci:2"]).problems, [
    "Unexpected argument «ci:2»: start-runner logs takes BUILD",
  ]);
});

Deno.test("`parseCommandLine()` names the flag that was meant, and takes what follows for its value", () => {
  const problems = (...args: string[]) => parseCommandLine(startCommand, args).problems;
  const meant = "Unknown flag --computetype: did you mean --compute-type?";
  assert.deepEqual(problems("--computetype", "large", "--nonsense"), [
    meant,
    "Unknown flag --nonsense: see start-runner start --help",
  ]);
  const surplus = "Unexpected argument «large»: start-runner start takes no arguments";
  assert.deepEqual(problems("--computetype", "-r", "eu-west-1", "large"), [meant, surplus]);
  assert.deepEqual(problems("--computetype=small", "large"), [
    meant.replace("type:", "type=small:"),
    surplus,
  ]);
});

Deno.test("`parseCommandLine()` takes no word for the value of a flag that has none", () => {
  const words = {
    name: "logs",
    options: { follow: switchOption("-f, --follow", "go on") },
    operands: [{ name: "BUILD", help: "a build's id", required: true }],
  };
  for (const args of [["-f", "last"], ["last", "--follow"], ["--follow", "--follow", "last"]]) {
    const { flags, operands, problems } = parseCommandLine(words, args);
    assert.deepEqual({ flags, operands, problems }, {
      flags: { follow: "true" },
      operands: ["last"],
      problems: [],
    });
  }
});

Deno.test("`parseCommandLine()` takes a flag several times only where its setting says so", () => {
  const given = parseCommandLine(startCommand, ["--env", "A=1", "--env=A=1", "--env", "B=x\ny"]);
  assert.deepEqual(given.problems, []);
  assert.deepEqual(jobOptions.env.parse(given.flags["env"] ?? ""), [["A", "1"], ["A", "1"], ["B", "x\ny"]]);
  assert.match(
    parseCommandLine(startCommand, ["--buildspec", "a", "--buildspec", "b"]).problems.join(),
    /--buildspec is given more than once/,
  );
});
