import assert from "node:assert/strict";
import plugin, { IMPORTERS, importProblem } from "../../../scripts/lint/lint_rooms.ts";

const PROJECT = new URL("../../../", import.meta.url).pathname;

function messages(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, PROJECT + file, source).map((diagnostic) => diagnostic.message);
}

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    "cli/start/start.ts",
    'import { x } from "../../agent/build.ts";',
    /^cli\/ does not import agent\/: move/,
  ],
  [
    "agent/phases/build.ts",
    'export { x } from "../../cli/start/start.ts";',
    /^agent\/ does not import cli\//,
  ],
  ["agent/phases/build.ts", 'export * from "../../cli/start/start.ts";', /^agent\/ does not import cli\//],
  ["agent/phases/build.ts", 'await import("../../cli/start/start.ts");', /^agent\/ does not import cli\//],
  ["agent/phases/build.ts", "await import(`../${name}.ts`);", /^A computed import cannot be bundled/],
  [
    "shared/program/wait.ts",
    'import type { X } from "../../agent/runner/runner.ts";',
    /^shared\/ does not import agent\//,
  ],
  ["cli/start/start.ts", 'import "../../scripts/release.ts";', /^cli\/ does not import scripts\//],
  [
    "agent/phases/build.ts",
    'import "../../tests/fixtures/eventually.ts";',
    /^agent\/ does not import tests\//,
  ],
  [
    "agent/phases/build.ts",
    'import ky from "ky";',
    /^ky is imported by shared\/calls\/bitbucket_http\.ts alone/,
  ],
  [
    "agent/life/lifecycle.ts",
    'import "../watch/runner_life.ts";',
    /^agent\/life\/ lies below agent\/watch\//,
  ],
  [
    "shared/program/wait.ts",
    'import "../calls/identity.ts";',
    /^shared\/program\/ lies below shared\/calls\//,
  ],
  ["cli/options/options.ts", 'import "../main.ts";', /^cli\/options\/ lies below cli\/:/],
  [
    "scripts/local_cloud/server/faults.ts",
    'import "../pipelines/pipeline.ts";',
    /^scripts\/local_cloud\/server\/ lies below scripts\/local_cloud\/pipelines\//,
  ],
  ["agent/cellar/box.ts", 'import "../life/lifecycle.ts";', /^agent\/cellar\/ has no floor yet/],
  [
    "agent/process/process.ts",
    'import "../../shared/bitbucket/bitbucket.ts";',
    /^agent\/process\/ knows nothing of Bitbucket/,
  ],
  [
    "agent/life/lifecycle.ts",
    'import "node:fs";',
    /^agent\/life\/ decides without touching the world: node:fs/,
  ],
  ["agent/life/lifecycle.ts", "Date.now();", /^What is decided here does not touch the world/],
  ["cli/request/buildspec.ts", 'Deno.env.get("X");', /^What is decided here does not touch the world/],
  ["cli/setup/setup.ts", 'Deno.env.get("X");', /^What is decided here does not touch the world/],
  ["cli/setup/setup.ts", 'import "../start/start.ts";', /^cli\/setup\/ lies below cli\/start\//],
  ["agent/phases/build.ts", 'import x from "@left/pad/deep";', /^@left\/pad has no importer yet/],
  ["agent/phases/build.ts", "Deno.exit(1);", /^Only main\.ts ends the process/],
  ["shared/program/wait.ts", "process.exit();", /^Only main\.ts ends the process/],
  ["cli/wait/report.ts", 'host.stderr.write("x");', /^Only shared\/output\/write_line\.ts writes/],
  ["agent/watch/runner_ear.ts", "this.#host.stdout.write(line);", /^Only shared\/output\/write_line\.ts/],
  ["agent/main.ts", "Deno.stdout.writeSync(bytes);", /^Only shared\/output\/write_line\.ts writes/],
  ["agent/shell/java.ts", 'new RegExp(`^${name}:`, "m");', /^A pattern is written out/],
  ["cli/wait/report.ts", 'RegExp("x");', /^A pattern is written out/],
  ["shared/utils.ts", "", /^«utils» says nothing/],
  ["tests/helpers.ts", "", /^«helpers» says nothing/],
  ["scripts/local_cloud/index.ts", "", /^«index» says nothing/],
  ["cli/buildRequest.ts", "", /^«buildRequest» is not snake_case/],
];
for (const [file, source, expected] of REFUSED) {
  Deno.test(`lint refuses ${source || "a file"} in ${file}`, () => {
    const [message, ...others] = messages(file, source);
    assert.match(message ?? "nothing", expected);
    assert.deepEqual(others, []);
  });
}

const ALLOWED: readonly (readonly [string, string])[] = [
  ["agent/watch/runner_life.ts", 'import "../life/lifecycle.ts"; import "./runner_ear.ts"; Date.now();'],
  [
    "cli/request/build_request.ts",
    'import { createHash } from "node:crypto"; import "../options/options.ts";',
  ],
  [
    "cli/start/start.ts",
    'import "../wait/deadline.ts"; import "../../shared/program/wait.ts"; import process from "node:process";',
  ],
  ["shared/calls/bitbucket_http.ts", 'import ky from "ky";'],
  ["shared/program/version.ts", 'import manifest from "../../deno.json" with { type: "json" };'],
  ["agent/main.ts", "Deno.exit(0);"],
  ["agent/watch/runner_ear.ts", 'writeLine(host.stdout, "x", redactor); /x/.test("x");'],
  ["scripts/demo.ts", 'host.stdout.write("x"); new RegExp("x");'],
  [
    "scripts/bench.ts",
    'import "../cli/start.ts"; import "../agent/build.ts"; import ky from "ky"; Deno.exit(0);',
  ],
  ["tests/cli/start/start_test.ts", 'import "../../cli/start/start.ts"; import { z } from "zod";'],
];
for (const [file, source] of ALLOWED) {
  Deno.test(`lint allows ${source} in ${file}`, () => assert.deepEqual(messages(file, source), []));
}

Deno.test("lint's table of importers names files that import the package", async () => {
  for (const [name, files] of Object.entries(IMPORTERS)) {
    for (const file of files) {
      const source = await Deno.readTextFile(PROJECT + file);
      assert.match(source, new RegExp(`from "${name}[/"]`), `${file} imports ${name}`);
      assert.equal(importProblem(file, name), undefined);
    }
  }
});
