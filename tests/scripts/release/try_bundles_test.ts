import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { addressOf, pinnedDownload } from "../../../scripts/outside/manifest.ts";
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

/** A release whose runner is a jar of ours that runs `main`; it is in the bundle, or stands beside as in a mirror. */
async function releaseWith(folder: string, main: string, beside = false): Promise<string> {
  const source = `public class Runner { public static void main(String[] a) throws Exception { ${main} } }`;
  const jar = await Deno.readFile(await compileJar(folder, "Runner", source));
  const entry = (path: string, content: Uint8Array) => ({ path, content, executable: path.endsWith(".sh") });
  const script = new TextEncoder().encode(START);
  const archive = await packArchive([entry("bin/start.sh", script), entry("bin/runner.jar", jar)]);
  const out = `${folder}/assets`;
  const program = programSource({ form: "from source" });
  const pinned = {
    ...await pinnedDownload("atlassian-runner"),
    hash: createHash("sha256").update(archive).digest("hex"),
  };
  const runner = `${beside ? out : folder}/${addressOf(pinned).split("/").at(-1)}`;
  await Deno.mkdir(out);
  await Deno.writeFile(runner, archive);
  await makeRelease({
    out,
    program,
    pinned,
    atlassianRunnerFile: beside ? undefined : runner,
    say: () => {},
  });
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
        true,
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
