import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { agentSettings } from "../agent/settings/agent_settings.ts";
import { runnerLabels } from "../agent/runner/runner_labels.ts";
import { startOptions, stepVariables } from "../cli/options/options.ts";
import manifest from "../deno.json" with { type: "json" };
import { EXIT_CODES } from "../shared/program/errors.ts";
import type { Setting } from "../shared/settings/settings.ts";
import { VERSION } from "../shared/program/version.ts";
import {
  codeBlocks,
  codeSpans,
  headingAnchors,
  linkTargets,
  section,
  tableRows,
} from "./fixtures/markdown.ts";
import { sourceText } from "./fixtures/source_text.ts";

const PROJECT = new URL("../", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", PROJECT));

type SettingTable = Readonly<Record<string, Setting<unknown>>>;

Deno.test("README lists every flag of start-runner with its variables and its default", () => {
  const rows = tableRows(section(README, "options")).map(([flag = "", variable = "", fallback = ""]) => ({
    flag: codeSpans(flag),
    variables: codeSpans(variable),
    fallback,
  }));
  const expected = Object.values(startOptions as SettingTable);
  assert.deepEqual(rows.map(({ flag, variables }) => ({ flag, variables })), expected.map(flagsOf));
  assert.deepEqual(
    rows.map(({ fallback }) => fallback),
    expected.map((one, row) => fallbackOf(one, rows[row])),
  );
});

Deno.test("README lists every variable that start-runner reads from the step", () => {
  const named = tableRows(section(README, "step")).flatMap(([variable = ""]) => codeSpans(variable));
  assert.deepEqual(named, Object.values(stepVariables as SettingTable).flatMap((one) => one.variables));
});

Deno.test("README lists every variable of the agent with its default", () => {
  const rows = tableRows(section(README, "agent")).map(([variable = "", fallback = ""]) => ({
    variables: codeSpans(variable),
    fallback,
  }));
  const expected = Object.values(agentSettings as SettingTable);
  assert.deepEqual(
    rows.map(({ variables }) => variables).sort(),
    expected.map(({ variables }) => [...variables]).sort(),
  );
  for (const row of rows) {
    const setting = expected.find(({ variables }) => variables[0] === row.variables[0]);
    assert.equal(row.fallback, fallbackOf(setting, row), row.variables[0]);
  }
});

Deno.test("README explains every exit code", () => {
  const codes = tableRows(section(README, "exit-codes")).map(([code]) => Number(code));
  assert.deepEqual(codes, Object.values(EXIT_CODES).sort((a, b) => a - b));
});

Deno.test("README names only tasks that exist", () => {
  const named = [...README.matchAll(/(?:deno(?:@[\d.]+)? task) ([a-z-]+)/g)].map((match) => match[1] ?? "");
  assert.notDeepEqual(named, []);
  assert.deepEqual(named.filter((task) => !(task in manifest.tasks)), []);
});

Deno.test("README's links lead to headings and files that exist", async () => {
  const anchors = headingAnchors(README);
  const missing: string[] = [];
  for (const target of linkTargets(README)) {
    if (target.startsWith("https://")) continue;
    const there = target.startsWith("#") ? anchors.has(target.slice(1)) : await fileExists(target);
    if (!there) missing.push(target);
  }
  assert.deepEqual(missing, []);
});

Deno.test("README's JSON and YAML can be parsed, and its shell commands too", async () => {
  for (const text of codeBlocks(README, "json")) JSON.parse(text);
  for (const text of codeBlocks(README, "yaml")) {
    assert.deepEqual(parseAllDocuments(text).flatMap((document) => [...document.errors]), []);
  }
  for (const text of codeBlocks(README, "sh")) {
    const { success, stderr } = await new Deno.Command("sh", { args: ["-n", "-c", text] }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
});

Deno.test("README's pipelines ask for labels that runners carry", () => {
  const steps = codeBlocks(README, "yaml").flatMap(pipelineSteps);
  const selfHosted = steps.flatMap((step) => step["runs-on"] ?? []);
  assert.notDeepEqual(selfHosted, []);
  const offered = (["shell", "docker"] as const).flatMap((type) =>
    ["x86_64", "arm64"].flatMap((arch) => runnerLabels(type, arch, addedLabels(steps)))
  );
  assert.deepEqual(selfHosted.filter((label) => !offered.includes(label)), []);
});

Deno.test("README names this version wherever it names one", () => {
  const named = [
    ...README.matchAll(/releases\/download\/v([\w.-]+?)[/\s`]/g),
    ...README.matchAll(/aws-bitbucket-runner-(?:shell|docker):([\w.-]+)/g),
  ].map((match) => match[1]);
  assert.ok(named.length > 2);
  assert.deepEqual([...new Set(named)], [VERSION]);
});

Deno.test("README's policies allow every call that the programs make to CodeBuild and CloudWatch Logs", async () => {
  const clients = await sourceText(["shared/aws/aws_codebuild.ts", "shared/aws/aws_logs.ts"]);
  const calls = [...clients.matchAll(/new (\w+)Command\(/g)].map((match) => match[1]);
  assert.ok(calls.includes("StartBuild"));
  const policies = codeBlocks(README, "json").join("\n");
  const allowed = [...policies.matchAll(/"(?:codebuild|logs):(\w+)"/g)].map((match) => match[1]);
  assert.deepEqual(calls.filter((call) => !allowed.includes(call)), []);
});

Deno.test("README's troubleshooting quotes the programs' own words", async () => {
  const source = await sourceText(["cli", "agent", "shared", "scripts/install.sh"]);
  const symptoms = tableRows(section(README, "troubleshooting")).flatMap(([symptom = ""]) =>
    codeSpans(symptom)
  );
  const texts = symptoms.filter((text) => text.includes(" ")).flatMap((text) => text.split("…"));
  const unknown = texts.map((text) => text.trim()).filter((text) => text !== "" && !source.includes(text));
  assert.deepEqual(unknown, []);
});

function flagsOf({ flag, variables }: Setting<unknown>) {
  return { flag: [flag], variables: [...variables] };
}

/** What the table has to say of a default; where there is none, any words do that are not a value. */
function fallbackOf(setting: Setting<unknown> | undefined, row: { fallback: string } | undefined): string {
  if (setting === undefined) return "an unknown setting";
  const { fallback } = setting;
  if (setting.required !== undefined) return "required";
  if (fallback !== undefined && !Array.isArray(fallback)) return `\`${fallback}\``;
  const words = row?.fallback ?? "";
  return words === "" || words.startsWith("`") || words === "required" ? "no value, in words" : words;
}

async function fileExists(path: string): Promise<boolean> {
  return await Deno.stat(new URL(path, PROJECT)).then(() => true, () => false);
}

interface Step {
  readonly "runs-on"?: readonly string[];
  readonly script?: readonly string[];
}

function pipelineSteps(text: string): Step[] {
  const file = parseAllDocuments(text)[0]?.toJS() as
    | { pipelines?: { default?: { step: Step }[] } }
    | undefined;
  return (file?.pipelines?.default ?? []).map(({ step }) => step);
}

/** The labels that the steps' scripts give to start-runner. */
function addedLabels(steps: readonly Step[]): string[] {
  return steps.flatMap(({ script }) => script ?? [])
    .flatMap((command) => [...command.matchAll(/--label ([\w.,]+)/g)])
    .flatMap((match) => match[1]?.split(",") ?? []);
}
