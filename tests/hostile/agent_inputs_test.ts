import assert from "node:assert/strict";
import fc from "fast-check";
import { attachRunner } from "../../agent/phases/launch_runner.ts";
import { runAgent } from "../../agent/program.ts";
import { agentSettings } from "../../agent/settings/agent_settings.ts";
import { StateFile } from "../../agent/settings/state_file.ts";
import type { Setting } from "../../shared/settings/settings.ts";
import { agentEnvironment, runAgentProcess } from "../fixtures/programs/agent_process.ts";
import { makeJava, makeRunnerHome, sayVersion } from "../fixtures/programs/runner_home.ts";
import { quickHost } from "../fixtures/quick_host.ts";
import { recordedLog } from "../fixtures/recorded_log.ts";
import { FakeBitbucket } from "../fixtures/servers/fake_bitbucket.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";
import { forgedLine, hostileText, hostileWord } from "./hostile_text.ts";

const SETTINGS: readonly Setting<unknown>[] = Object.values(agentSettings);
const VARIABLES = SETTINGS.flatMap(({ variables }) => variables);
const TEXT = /^(\d\d:\d\d:\d\dZ |error: |hint: |Usage: )/;

/** Runs the agent where nothing is installed: it reads its configuration, and finds that out. */
async function runHere(env: Record<string, string>, args: readonly string[]) {
  let stdout = "";
  const host = quickHost({ env, stdout: { write: (text) => void (stdout += text) } });
  const code = await runAgent(host, args, new AbortController().signal);
  return { code, stdout, stderr: host.written.join("") };
}

Deno.test("the agent refuses hostile inputs with exit code 2 or reads on, and nothing forges a line", async () => {
  await withTemporaryFolder(async (folder) => {
    const hostile = fc.dictionary(fc.constantFrom(...VARIABLES), hostileText, { minKeys: 1, maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(hostile, fc.constantFrom("pre_build", "build"), async (variables, phase) => {
        const env = { ...agentEnvironment("http://127.0.0.1:9", folder), ...variables };
        const { code, stdout, stderr } = await runHere(env, [phase]);
        const shown = JSON.stringify({ code, stdout, stderr: stderr.slice(0, 2000) });
        assert.ok([1, 2].includes(code), shown);
        assert.equal(stdout, "", shown);
        assert.equal(forgedLine(stderr, TEXT), undefined, shown);
      }),
      { numRuns: 500 },
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("the agent refuses hostile arguments with exit code 2, in lines of its own", async () => {
  await fc.assert(fc.asyncProperty(fc.array(hostileText, { maxLength: 3 }), async (args) => {
    const { code, stderr } = await runHere({}, args);
    assert.equal(code, 2);
    assert.equal(forgedLine(stderr, TEXT), undefined, stderr.slice(0, 2000));
  }));
});

Deno.test("the agent, its runner and their folders stay where a hostile name puts them, and nothing of it runs", async () => {
  // A file system takes 255 bytes for a name, and no slash.
  const names = fc.sample(hostileWord, 400)
    .filter((name) => new TextEncoder().encode(name).length < 100 && !/[/:\ufffd\p{C}]|^\.*$/u.test(name));
  for (const name of names.slice(0, 6)) {
    await withTemporaryFolder(async (folder) => {
      await using fake = await FakeBitbucket.start();
      const home = `${folder}/${name}`;
      await makeRunnerHome(home);
      await Deno.writeTextFile(
        `${home}/bundle.json`,
        JSON.stringify({ type: "shell", runnerVersion: "5.6.0" }),
      );
      await makeJava(`${folder}/java`, sayVersion("17.0.15"));
      fake.beforeAnswer = (route) => {
        if (route === "get runner") { for (const { state } of fake.state.runners) state.status = "ONLINE"; }
      };
      const env = {
        ...agentEnvironment(fake.url, home),
        JAVA_HOME: `${folder}/java`,
        CODEBUILD_SRC_DIR: `${folder}/src ${name}`,
        MARK: `${folder}/mark`,
      };
      const { code, stdout, stderr } = await runAgentProcess(env, ["pre_build"]);
      assert.equal(code, 0, stderr);
      assert.equal(forgedLine(stderr, TEXT), undefined, stderr);
      assert.equal(forgedLine(stdout, /^ {2}\| /), undefined, stdout);
      const launched = (await new StateFile(home).read())?.launched;
      assert.ok(launched !== undefined);
      await attachRunner(quickHost(), launched, { log: recordedLog().log }).stop(0);
      const made = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
      assert.deepEqual(made, [name, "java", `src ${name}`].sort());
    });
  }
  assert.ok(names.length >= 6);
});
