import assert from "node:assert/strict";
import { text, wholeNumber } from "../../../shared/settings/parse_value.ts";
import { flagName, readSettings, type Setting, settingName } from "../../../shared/settings/settings.ts";

const SETTINGS = {
  project: {
    flag: "-p, --project <name>",
    variables: ["CODEBUILD_PROJECT"],
    help: "the project",
    parse: text,
    required: "the CodeBuild project to start",
    example: "--project runner",
  },
  minutes: {
    flag: "--timeout <minutes>",
    variables: ["CODEBUILD_TIMEOUT", "TIMEOUT"],
    help: "the timeout",
    parse: wholeNumber(5, 2160, "minutes"),
    fallback: 60,
  },
  token: {
    variables: ["ACCESS_TOKEN"],
    help: "a token",
    parse: wholeNumber(1, 9, "tokens"),
    secret: true,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

const PRECEDENCE = [
  {
    name: "the flag before the variables",
    flags: { minutes: "10" },
    env: { CODEBUILD_TIMEOUT: "20" },
    value: 10,
  },
  {
    name: "an earlier variable before a later one",
    env: { TIMEOUT: "30", CODEBUILD_TIMEOUT: "20" },
    value: 20,
  },
  {
    name: "a later variable where an earlier one is empty",
    env: { TIMEOUT: "30", CODEBUILD_TIMEOUT: "" },
    value: 30,
  },
  { name: "the default where nothing is set", env: {}, value: 60 },
];

for (const { name, flags = {}, env, value } of PRECEDENCE) {
  Deno.test(`\`readSettings()\` takes ${name}`, () => {
    const { values, problems } = readSettings(SETTINGS, flags, { CODEBUILD_PROJECT: "runner", ...env });
    assert.deepEqual(values, { project: "runner", minutes: value, token: undefined });
    assert.deepEqual(problems, []);
  });
}

Deno.test("`readSettings()` reports all problems at once, and shows no secret", () => {
  const { problems } = readSettings(SETTINGS, { minutes: "soon" }, { ACCESS_TOKEN: "hunter2" });
  assert.deepEqual(problems, [
    "Missing the CodeBuild project to start: set --project or CODEBUILD_PROJECT, for example --project runner",
    "Cannot use «soon» from --timeout: --timeout or CODEBUILD_TIMEOUT or TIMEOUT takes " +
    "a whole number of minutes from 5 to 2160",
    "Cannot use the value given from ACCESS_TOKEN: ACCESS_TOKEN takes a whole number of tokens from 1 to 9",
  ]);
});

Deno.test("`readSettings()` lets a parser's defect through", () => {
  const broken: Setting<never> = {
    variables: ["X"],
    help: "",
    parse() {
      throw new RangeError("a defect");
    },
  };
  assert.throws(() => readSettings({ broken }, {}, { X: "1" }), RangeError);
});

Deno.test("`settingName()` and `flagName()` name a setting the way it is written", () => {
  assert.equal(flagName(SETTINGS.project), "--project");
  assert.equal(flagName({}), undefined);
  assert.equal(settingName(SETTINGS.minutes), "--timeout or CODEBUILD_TIMEOUT or TIMEOUT");
  assert.equal(settingName(SETTINGS.token), "ACCESS_TOKEN");
});
