import assert from "node:assert/strict";
import { interpreterOf, readStartScript, runsJava } from "../../../agent/shell/start_script.ts";
import { START_SCRIPT } from "../../../scripts/local_cloud/stand_in/start_script.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const SCRIPTS: readonly (readonly [runs: boolean, what: string, text: string])[] = [
  [true, "one like Atlassian's", START_SCRIPT],
  [true, "one with all in a line", '#!/bin/bash\nexec java -jar -Da="$A" ./runner.jar "$@"'],
  [true, "one with line ends of Windows", "exec java \\\r\n  -jar \\\r\n  ./runner.jar\r\n"],
  [true, "one that takes JAVA_HOME's", 'exec "${JAVA_HOME}/bin/java" -jar runner.jar'],
  [true, "one that waits for Java", "java -Da=b -jar runner.jar\necho over"],
  [false, "one that only looks for Java", 'command -v java || exit 1\nexec ./runner -jar "$@"'],
  [false, "one that asks Java for its version", "java -version\nexec ./runner -jar"],
  [false, "one that names a Java of its own", "exec /opt/java/bin/java -jar runner.jar"],
  [false, "one that leaves Java without stdin", "java -jar runner.jar &\nwait"],
  [false, "one that speaks of Java", "# exec java -jar runner.jar\necho java -jar"],
  [false, "an empty one", ""],
];

for (const [runs, what, text] of SCRIPTS) {
  Deno.test(`\`runsJava()\` says ${runs} of ${what}`, () => assert.equal(runsJava(text), runs));
}

Deno.test("`interpreterOf()` is what the first line names, else sh", () => {
  assert.deepEqual(interpreterOf("#! /usr/bin/env bash\n"), ["/usr/bin/env", "bash"]);
  assert.deepEqual(interpreterOf("echo"), ["/bin/sh"]);
});

Deno.test("`readStartScript()` tells whether the script may be run", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/start.sh`;
    for (const [mode, executable] of [[0o644, false], [0o755, true]] as const) {
      await Deno.writeTextFile(path, "text");
      await Deno.chmod(path, mode);
      assert.deepEqual(await readStartScript(path), { path, text: "text", executable });
    }
    await assert.rejects(readStartScript(`${folder}/missing`), { name: "RunnerError" });
  });
});
