import assert from "node:assert/strict";
import type { AgentConfig } from "../../../agent/settings/agent_settings.ts";
import { readBundle } from "../../../agent/settings/bundle.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

/** As the installer leaves it, where it has downloaded the runner. */
const BUNDLE = {
  archive: "0".repeat(64),
  type: "shell",
  version: "1.0.0",
  arch: "x86_64",
  runnerVersion: "5.6.0",
  runnerUrl: "https://product-downloads.atlassian.com/runner-5.6.0.tar.gz",
  runnerSha256: "0".repeat(64),
  entries: "bin build.sh",
};

/** What `readBundle()` uses of the configuration. */
function config(runnerHome: string, runnerType?: "shell" | "docker"): AgentConfig {
  return { runnerHome, runnerType } as AgentConfig;
}

for (
  const { runnerType, warns } of [
    { runnerType: undefined, warns: false },
    { runnerType: "shell", warns: false },
    { runnerType: "docker", warns: true },
  ] as const
) {
  Deno.test(`\`readBundle()\` ${warns ? "warns" : "keeps quiet"} when RUNNER_TYPE is ${runnerType}`, async () => {
    await withTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/bundle.json`, JSON.stringify(BUNDLE));
      const { log, text } = recordedLog();
      const bundle = await readBundle(config(folder, runnerType), log);
      assert.deepEqual(bundle, { type: "shell", runnerVersion: "5.6.0" });
      assert.equal(
        /RUNNER_TYPE is docker, but the installed bundle is for the shell runner/.test(text()),
        warns,
      );
    });
  });
}

for (const text of [undefined, "", "{}", JSON.stringify({ ...BUNDLE, type: "windows" })]) {
  Deno.test(`\`readBundle()\` refuses ${text === undefined ? "a missing file" : `«${text}»`}`, async () => {
    await withTemporaryFolder(async (folder) => {
      if (text !== undefined) await Deno.writeTextFile(`${folder}/bundle.json`, text);
      await assert.rejects(readBundle(config(folder), recordedLog().log), {
        name: "RunnerError",
        message: `Cannot read ${folder}/bundle.json`,
        hint: /RUNNER_HOME must be the folder/,
      });
    });
  });
}
