import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { agentSettings } from "../agent/settings/agent_settings.ts";
import { runnerLabels } from "../shared/settings/runner_labels.ts";
import { COMMANDS } from "../cli/commands/commands.ts";
import { startOptions } from "../cli/options/options.ts";
import { stepVariables } from "../cli/options/step_variables.ts";
import manifest from "../deno.json" with { type: "json" };
import { FLOORS } from "../scripts/lint/floors.ts";
import { pageParts, withPolicies } from "../scripts/setup/policy_pages.ts";
import { EXIT_CODES } from "../shared/program/errors.ts";
import { flagName, type Setting } from "../shared/settings/settings.ts";
import { RUNNER_TYPES } from "../shared/settings/runner_type.ts";
import { VERSION } from "../shared/program/version.ts";
import {
  codeBlocks,
  codeSpans,
  headingAnchors,
  linkTargets,
  section,
  tableRows,
  withoutBlocks,
} from "./fixtures/markdown.ts";
import { sourceText } from "./fixtures/source_text.ts";

const PROJECT = new URL("../", import.meta.url);
const ROOMS = ["cli", "agent", "scripts", "shared"];
/** The text of every page by its path; one that is added is held to the same. */
const PAGES = await readPages(["", ...ROOMS, ".github"]);
const TOP = page("README.md");
const CLI = page("cli/README.md");
const AGENT = page("agent/README.md");
const CONTRIBUTING = page(".github/CONTRIBUTING.md");
const ALL = [...PAGES.values()].join("\n");

type SettingTable = Readonly<Record<string, Setting<unknown>>>;

Deno.test("start-runner's page lists every flag with its variables and its default", () => {
  const rows = tableRows(section(CLI, "options")).map(([flag = "", variable = "", fallback = ""]) => ({
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

Deno.test("start-runner's page lists every variable that it reads from the step", () => {
  const named = tableRows(section(CLI, "step")).flatMap(([variable = ""]) => codeSpans(variable));
  assert.deepEqual(named, Object.values(stepVariables as SettingTable).flatMap((one) => one.variables));
});

Deno.test("the agent's page lists every variable with its default", () => {
  const rows = tableRows(section(AGENT, "agent")).map(([variable = "", fallback = ""]) => ({
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

Deno.test("start-runner's page explains every exit code", () => {
  const codes = tableRows(section(CLI, "exit-codes")).map(([code]) => Number(code));
  assert.deepEqual(codes, Object.values(EXIT_CODES).sort((a, b) => a - b));
});

Deno.test("pages name only tasks that exist", () => {
  const named = [...ALL.matchAll(/(?:deno(?:@[\d.]+)? task) ([a-z-]+)/g)].map((match) => match[1] ?? "");
  assert.notDeepEqual(named, []);
  assert.deepEqual(named.filter((task) => !(task in manifest.tasks)), []);
});

Deno.test("pages' links lead to headings and files that exist", async () => {
  const missing: string[] = [];
  for (const [path, text] of PAGES) {
    const targets = linkTargets(text).filter((target) => !target.startsWith("https://"));
    for (const target of targets) if (!await leadsSomewhere(target, path)) missing.push(`${path}: ${target}`);
  }
  assert.deepEqual(missing, []);
});

Deno.test("pages name only files of the project that exist", async () => {
  const missing: string[] = [];
  for (const [path, text] of PAGES) {
    for (const named of new Set(codeSpans(withoutBlocks(text)).filter((span) => PROJECT_FILE.test(span)))) {
      if (!await exists(new URL(named, PROJECT))) missing.push(`${path}: ${named}`);
    }
  }
  assert.deepEqual(missing, []);
});

Deno.test("README is read in five minutes, and leads to the page of every room", () => {
  const lines = TOP.split("\n").length;
  assert.ok(lines <= 250, `${lines} lines`);
  const targets = linkTargets(TOP);
  assert.deepEqual(ROOMS.filter((room) => !targets.includes(`${room}/README.md`)), []);
});

Deno.test("CONTRIBUTING shows the floors of the rooms as lint holds them", () => {
  const rows = tableRows(section(CONTRIBUTING, "floors")).map(([room = "", floors = ""]) => [
    codeSpans(room)[0]?.replace(/\/$/, ""),
    codeSpans(floors),
  ]);
  const held = Object.entries(FLOORS).map(([room, floors]) => [room, floors.filter((floor) => floor !== "")]);
  assert.deepEqual(rows, held);
});

Deno.test("CONTRIBUTING names a place and a test for ten changes and more", () => {
  const rows = tableRows(section(CONTRIBUTING, "changes"));
  assert.ok(rows.length >= 10, `${rows.length} changes`);
  const unplaced = rows.filter(([, place = "", test = ""]) =>
    ![place, test].every((cell) => codeSpans(cell).length > 0)
  );
  assert.deepEqual(unplaced, []);
});

Deno.test("pages' JSON and YAML can be parsed, and their shell commands too", async () => {
  for (const text of codeBlocks(ALL, "json")) JSON.parse(text);
  for (const text of codeBlocks(ALL, "yaml")) {
    assert.deepEqual(parseAllDocuments(text).flatMap((document) => [...document.errors]), []);
  }
  for (const text of codeBlocks(ALL, "sh")) {
    const { success, stderr } = await new Deno.Command("sh", { args: ["-n", "-c", text] }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
});

for (const [path, text] of PAGES) {
  const steps = codeBlocks(text, "yaml").flatMap(pipelineSteps);
  const selfHosted = steps.flatMap((step) => step["runs-on"] ?? []);
  if (selfHosted.length === 0) continue;
  Deno.test(`${path}: pipelines ask for labels that runners carry`, () => {
    const offered = RUNNER_TYPES.flatMap((type) =>
      ["x86_64", "arm64"].flatMap((arch) => runnerLabels(type, arch, addedLabels(steps)))
    );
    assert.deepEqual(selfHosted.filter((label) => !offered.includes(label)), []);
  });
}

for (const [name, { load }] of Object.entries(COMMANDS)) {
  if (name === "start" || name === "help") continue;
  Deno.test(`the page of commands explains ${name}, and all that may be typed after it`, async () => {
    const { operands, options } = await load();
    const [, text = ""] = page("cli/commands.md").split(new RegExp(`^## ${name}$`, "m"));
    const own = text.split(/^## /m)[0] ?? "";
    const flags = Object.entries(options).filter(([key]) => !(key in startOptions))
      .map(([, option]) => flagName(option)).filter((flag) => flag !== undefined);
    const words = [name, ...flags, ...operands.map((operand) => operand.name)];
    assert.deepEqual(words.filter((word) => !own.includes(word)), []);
  });
}

Deno.test("pages name the newest version of the changelog, not one in the making, wherever they name one", () => {
  const named = [
    ...ALL.matchAll(/releases\/download\/v([\w.-]+?)[/\s`]/g),
    ...ALL.matchAll(/aws-bitbucket-runner-(?:shell|docker):([\w.-]+)/g),
  ].map((match) => match[1]);
  assert.ok(named.length > 2);
  const sections = [...page(".github/CHANGELOG.md").matchAll(/^## v?(\d\S*)$/gm)].map((match) =>
    match[1] ?? ""
  );
  const [newest = ""] = sections.filter((version) => !version.includes("-"));
  assert.deepEqual([...new Set(named)], [newest]);
  assert.ok(isAtLeast(VERSION, newest), `deno.json's ${VERSION} is older than ${newest}`);
});

Deno.test("the pages' policies allow every call that the programs make to CodeBuild and CloudWatch Logs", async () => {
  const clients = await sourceText(["shared/aws/aws_codebuild.ts", "shared/aws/aws_logs.ts"]);
  const calls = [...clients.matchAll(/new (\w+)Command\(/g)].map((match) => match[1]);
  assert.ok(calls.includes("StartBuild"));
  const policies = codeBlocks(ALL, "json").join("\n");
  const allowed = [...policies.matchAll(/"(?:codebuild|logs):(\w+)"/g)].map((match) => match[1]);
  assert.deepEqual(calls.filter((call) => !allowed.includes(call)), []);
});

Deno.test("pages show roles, keys and their policies as the code makes them (deno task policies --write)", () => {
  for (const [path, text] of PAGES) assert.equal(withPolicies(text), text, path);
  const unshown = Object.keys(pageParts()).filter((name) => !ALL.includes(`<!-- ${name}:start -->`));
  assert.deepEqual(unshown, []);
});

Deno.test("the table of troubles quotes the programs' own words", async () => {
  const source = await sourceText(["cli", "agent", "shared", "scripts/install.sh"]);
  const symptoms = tableRows(section(CLI, "troubleshooting")).flatMap(([symptom = ""]) => codeSpans(symptom));
  const texts = symptoms.filter((text) => text.includes(" ")).flatMap((text) => text.split("…"));
  const unknown = texts.map((text) => text.trim()).filter((text) => text !== "" && !source.includes(text));
  assert.deepEqual(unknown, []);
});

function isAtLeast(version: string, other: string): boolean {
  return version.localeCompare(other, "en", { numeric: true }) >= 0;
}

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

/** Folders of the project and files in them, as they stand in a page; a placeholder is none. */
const PROJECT_FILE = /^(?:cli|agent|shared|scripts|tests|\.github|\.ci)\/[\w./-]*$/;

function page(path: string): string {
  const text = PAGES.get(path);
  if (text === undefined) throw new Error(`There is no ${path}`);
  return text;
}

async function readPages(folders: readonly string[]): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  for (const folder of folders) {
    for await (const { name, isFile } of Deno.readDir(new URL(`./${folder}`, PROJECT))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (isFile && name.endsWith(".md")) pages.set(path, await Deno.readTextFile(new URL(path, PROJECT)));
    }
  }
  return pages;
}

/** Whether a link on a page leads to a file, and to a heading of it where it names one. */
async function leadsSomewhere(target: string, from: string): Promise<boolean> {
  const url = new URL(target, new URL(from, PROJECT));
  const anchor = url.hash.slice(1);
  url.hash = "";
  if (anchor === "") return await exists(url);
  return headingAnchors(PAGES.get(url.pathname.slice(PROJECT.pathname.length)) ?? "").has(anchor);
}

async function exists(url: URL): Promise<boolean> {
  return await Deno.stat(url).then(() => true, () => false);
}

interface Step {
  readonly "runs-on"?: readonly string[];
  readonly script?: readonly string[];
}

/** The steps of a pipeline file wherever they stand, in `parallel` and `stage` too. */
function pipelineSteps(text: string): Step[] {
  return stepsIn(parseAllDocuments(text)[0]?.toJS());
}

function stepsIn(value: unknown): Step[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => key === "step" ? [inner as Step] : stepsIn(inner));
}

/** The labels that the steps' scripts give to start-runner. */
function addedLabels(steps: readonly Step[]): string[] {
  return steps.flatMap(({ script }) => script ?? [])
    .flatMap((command) => [...command.matchAll(/(?:--label |RUNNER_LABEL=)([\w.,]+)/g)])
    .flatMap((match) => match[1]?.split(",") ?? []);
}
