import assert from "node:assert/strict";
import { parseCommandLine } from "../../../cli/options/command_line.ts";
import { startOptions } from "../../../cli/options/options.ts";
import { startConfig } from "../../../cli/options/start_config.ts";
import { stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const STEP = stepEnvironment({ url: "http://127.0.0.1:1" });

Deno.test("the command line reports all problems in one go", () => {
  const line = parseCommandLine(startOptions, [
    "--nope",
    "surplus",
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
  const { problems } = parseCommandLine(startOptions, ["--timeout"]);
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
    assert.deepEqual(parseCommandLine(startOptions, args).flags, { multiStep: text });
  }
});

Deno.test("`parseCommandLine()` knows its commands and takes nothing else", () => {
  assert.equal(parseCommandLine(startOptions, []).wants, "start");
  assert.equal(parseCommandLine(startOptions, ["buildspec"]).wants, "buildspec");
  assert.equal(parseCommandLine(startOptions, ["-h"]).wants, "help");
  assert.equal(parseCommandLine(startOptions, ["--version"]).wants, "version");
  assert.equal(parseCommandLine(startOptions, ["buildspec", "more"]).problems.length, 1);
  assert.equal(parseCommandLine(startOptions, ["start"]).problems.length, 1);
});
