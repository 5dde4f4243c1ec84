import assert from "node:assert/strict";
import { ARCHITECTURES } from "../../../scripts/programs/asset_names.ts";
import { programSource } from "../../../scripts/programs/program_source.ts";
import { packArchive } from "../../../scripts/release/archive.ts";
import { makeRelease } from "../../../scripts/release/make_release.ts";
import { tryBundles } from "../../../scripts/release/try_bundles.ts";
import { needing } from "../../fixtures/needing.ts";
import { compileJar } from "../../fixtures/programs/java_jar.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const ARCH = ARCHITECTURES.find((arch) => arch === (Deno.build.arch === "aarch64" ? "arm64" : "x86_64")) ??
  "x86_64";
const START = '#!/bin/sh\nexec java -jar -Dbitbucket.pipelines.runner.runtime="$RUNTIME" ./runner.jar\n';

/** A release whose runner is a jar of ours that says what `main` prints. */
async function releaseWith(folder: string, main: string): Promise<string> {
  const source = `public class Runner { public static void main(String[] a) throws Exception { ${main} } }`;
  const jar = await Deno.readFile(await compileJar(folder, "Runner", source));
  const entry = (path: string, content: Uint8Array) => ({ path, content, executable: path.endsWith(".sh") });
  const runner = `${folder}/runner.tar.gz`;
  const script = new TextEncoder().encode(START);
  await Deno.writeFile(
    runner,
    await packArchive([entry("bin/start.sh", script), entry("bin/runner.jar", jar)]),
  );
  const out = `${folder}/assets`;
  const program = programSource({ form: "from source" });
  await makeRelease({ out, program, atlassianRunnerFile: runner, say: () => {} });
  return out;
}

Deno.test({
  ...needing(
    ["javac", "curl"],
    "`tryBundles()` runs what is installed, as far as Java loads the runner's jar",
  ),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const assets = await releaseWith(
        folder,
        'System.out.println("[2026-01-01 00:00:00,000] Runner version: 9.9"); Thread.sleep(60_000);',
      );
      const said: string[] = [];
      await tryBundles(assets, ARCH, (line) => void said.push(line));
      assert.equal(said.length, 2);
    }),
});

Deno.test({
  ...needing(["javac", "curl"], "`tryBundles()` shows what a jar that does not load says"),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const assets = await releaseWith(folder, 'throw new Exception("no such class");');
      await assert.rejects(
        tryBundles(assets, ARCH, () => {}),
        /Cannot load Atlassian's runner: .*no such class/s,
      );
    }),
});
