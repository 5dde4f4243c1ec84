import assert from "node:assert/strict";
import { PROGRAMS } from "../../../scripts/programs/asset_names.ts";
import { bundledPrograms } from "../../../scripts/programs/bundled_programs.ts";
import { programFlags } from "../../../scripts/programs/program_flags.ts";
import { runDeno } from "../../../scripts/programs/run_deno.ts";
import { sourceWrappers } from "../../../scripts/programs/source_wrappers.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

Deno.test("programs from source and bundled ones run with the flags of all forms", async () => {
  const decoder = new TextDecoder();
  for (const form of [await sourceWrappers(), await bundledPrograms()]) {
    for (const program of PROGRAMS) {
      const command = decoder.decode(form[program]).split("\n", 3).join("\n");
      for (const flag of programFlags(program)) assert.ok(command.includes(flag), `${program}: ${flag}`);
    }
  }
});

Deno.test("a program from source has Deno look at what it loads alone, not at all that it may load", async () => {
  for (const wrapper of Object.values(await sourceWrappers())) {
    assert.match(new TextDecoder().decode(wrapper), / '?--unstable-lazy-dynamic-imports'? /);
  }
});

Deno.test("an executable asks on no terminal for what its permission set lacks", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/program.js`, "");
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ permissions: { "start-runner": { env: true } } }),
    );
    const flags = ["--config", `${folder}/deno.json`, "--no-lock", ...programFlags("start-runner")];
    // Deno in place of its base binary: what it makes does not run, but holds how it would.
    const env = { ...Deno.env.toObject(), DENORT_BIN: Deno.execPath() };
    await runDeno(["compile", "-q", ...flags, "-o", `${folder}/program`, `${folder}/program.js`], env);
    const end = (await Deno.readFile(`${folder}/program`)).subarray(-2_000_000);
    assert.match(new TextDecoder("latin1").decode(end), /"prompt":false/);
  }));
