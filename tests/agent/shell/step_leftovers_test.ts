import assert from "node:assert/strict";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { launchDetached } from "../../../agent/process/launch_detached.ts";
import { pulseOf, ticksSinceBoot } from "../../../agent/process/process_table.ts";
import { terminate } from "../../../agent/process/terminate.ts";
import { stepLeftovers } from "../../../agent/shell/step_leftovers.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

const PATH = Deno.env.get("PATH") ?? "/usr/bin:/bin";

Deno.test("`stepLeftovers()` names what a step left in harmless characters, without its arguments, and ends it", async () => {
  await withTemporaryFolder(async (folder) => {
    const program = `${folder}/a\x1b[31m\nb`;
    await Deno.copyFile("/bin/sleep", program);
    await Deno.chmod(program, 0o755);
    const beganTicks = ticksSinceBoot() - 1;
    // A step's script, as its runner starts it in a session of its own; it ends, what it started goes on.
    await writeScript(`${folder}/step`, 'setsid "$1" 8640 >/dev/null 2>&1 &\necho $! > pid');
    const runner = await launchDetached("/bin/sh", [
      "-c",
      `BITBUCKET_STEP_UUID={s-1} ${folder}/step "$1"; exec sleep 8641`,
      "runner",
      program,
    ], { env: runnerEnvironment({ PATH }), cwd: folder, outputFile: `${folder}/out` });
    try {
      const look = () => stepLeftovers(runner, { stepUuid: "{s-1}", beganTicks, known: new Set() });
      const [left, ...others] = await eventually("what is left", () => {
        const found = look();
        // Until it has become the program, it has the name of what starts it.
        return found.length === 1 && /\(a/.test(found[0]?.name ?? "") ? found : undefined;
      });
      assert.match(left?.name ?? "", /^\d+ \(a\?\?31m\?b\)$/);
      assert.deepEqual(others, []);
      left?.signal?.("SIGTERM");
      await eventually("its end", () => look().length === 0 || undefined);
      assert.equal(pulseOf(runner), "alive");
      left?.signal?.("SIGKILL");
    } finally {
      await terminate(systemHost(), runner, 0);
    }
  });
});
