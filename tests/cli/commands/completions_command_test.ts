import assert from "node:assert/strict";
import { COMMANDS } from "../../../cli/commands/commands.ts";
import { SHELLS } from "../../../cli/completions/completions.ts";
import { flagName } from "../../../shared/settings/settings.ts";
import { needing } from "../../fixtures/needing.ts";
import { runProcess } from "../../fixtures/programs/start_runner.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

for (
  const [typed, expected, never] of [
    [["li"], ["list"], "logs"],
    [[""], Object.keys(COMMANDS), "--nope"],
    [["logs", "--f"], ["--follow"], "--force"],
    [["stop", "--"], ["--force", "--project"], "--follow"],
    [["--pro"], ["--project"], "list"],
    [["--project", "x", "list", "--js"], ["--json"], "--errors"],
    [["list", "--project", ""], [], "--json"],
    [["completions", ""], SHELLS, "list"],
    [["start", "--no-runner", "--buildspec", "job"], ["job.yml"], "--json"],
  ] as const
) {
  Deno.test(needing(["bash"], `bash completes «start-runner ${typed.join(" ")}»`), async () => {
    await withTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/job.yml`, "");
      const words = await completed(folder, typed);
      if (expected.length === 0) assert.deepEqual(words, []);
      assert.deepEqual(expected.filter((word) => !words.includes(word)), [], words.join(" "));
      assert.ok(!words.includes(never), words.join(" "));
    });
  });
}

Deno.test("completions know every command and every flag, in each shell's form", async () => {
  for (const shell of SHELLS) {
    const { code, stdout } = await runProcess({}, ["completions", shell]);
    assert.equal(code, 0);
    for (const [name, { load }] of Object.entries(COMMANDS)) {
      const flags = Object.values((await load()).options).flatMap((option) => flagName(option) ?? []);
      const words = [name, ...flags.map((flag) => shell === "fish" ? flag.slice(2) : flag)];
      assert.deepEqual(words.filter((word) => !stdout.includes(word)), [], shell);
    }
  }
});

for (const shell of SHELLS) {
  Deno.test(needing([shell], `${shell} reads its completions without complaint`), async () => {
    await withTemporaryFolder(async (folder) => {
      const file = `${folder}/completions`;
      await Deno.writeTextFile(file, (await runProcess({}, ["completions", shell])).stdout);
      const { success, stderr } = await new Deno.Command(shell, { args: ["-n", file] }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    });
  });
}

Deno.test("`completions` refuses other shells", async () => {
  const { code, stderr } = await runProcess({}, ["completions", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /«tcsh» as SHELL: it takes bash, zsh, fish/);
});

/** What a real bash offers for the last of the words. */
async function completed(folder: string, typed: readonly string[]): Promise<string[]> {
  const script = `source <(cat "$1")
complete -p start-runner >/dev/null || exit 1
shift
COMP_WORDS=(start-runner "$@") COMP_CWORD=$#
_start_runner
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const file = `${folder}/completions.bash`;
  await Deno.writeTextFile(file, (await runProcess({}, ["completions", "bash"])).stdout);
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-u", "-c", script, "bash", file, ...typed],
    cwd: folder,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("\n").filter((word) => word !== "");
}
