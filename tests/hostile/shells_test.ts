import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { findTool, needing } from "../fixtures/needing.ts";
import { SHELLS } from "../fixtures/programs/installer_run.ts";
import { runInProcess } from "../fixtures/programs/start_runner.ts";
import { withTemporaryFolder, writeScript } from "../fixtures/temporary_folder.ts";
import { hostileText, hostileWord } from "./hostile_text.ts";
import { webUrl } from "../../shared/settings/parse_value.ts";

const PHASES = new URL("../../scripts/phases/", import.meta.url).pathname;
/** A curl that notes what it was asked for, and brings an installer that notes the same. */
const CURL = [
  `for word; do printf '<%s>' "$word"; done >>"$NOTES"`,
  'while [ "$#" -gt 1 ]; do [ "$1" != -o ] || out=$2; shift; done',
  `echo 'for word; do printf "<%s>" "$word"; done >>"$NOTES"' >"$out"`,
];

interface Place {
  readonly folder: string;
  /** Runs a command, and gives what was noted meanwhile. */
  readonly run: (command: string, env: Record<string, string>) => Promise<{ code: number; notes: string }>;
}

function each(name: string, body: (place: Place) => Promise<void>): void {
  for (const [shell, ...shellArgs] of SHELLS) {
    Deno.test({
      ...needing([shell], `${name} (${shell})`),
      fn: () =>
        withTemporaryFolder(async (folder) => {
          await writeScript(`${folder}/tools/curl`, ...CURL);
          await Deno.mkdir(`${folder}/tmp`);
          const run = async (command: string, env: Record<string, string>) => {
            await Deno.writeTextFile(`${folder}/notes`, "");
            const { code } = await new Deno.Command(findTool(shell) ?? shell, {
              args: [...shellArgs, "-c", command],
              clearEnv: true,
              cwd: `${folder}/tmp`,
              env: {
                ...{ PATH: `${folder}/tools:${Deno.env.get("PATH")}`, TMPDIR: `${folder}/tmp` },
                ...{ MARK: `${folder}/mark`, NOTES: `${folder}/notes` },
                ...env,
              },
              stdin: "null",
            }).output();
            return { code, notes: await Deno.readTextFile(`${folder}/notes`) };
          };
          await body({ folder, run });
          // Nothing of any value has run, and nothing is left.
          const left = [...Deno.readDirSync(folder)].map((entry) => entry.name).filter((one) =>
            one === "mark"
          );
          assert.deepEqual([left, [...Deno.readDirSync(`${folder}/tmp`)]], [[], []]);
        }),
    });
  }
}

each("the buildspec of any release address does what it is for, or is refused", async ({ run }) => {
  let installed = 0;
  const addresses = fc.oneof(
    hostileText,
    hostileText.map((text) => `https://mirror.test/${text}`),
    fc.webUrl({ validSchemes: ["https"] }),
  );
  await fc.assert(
    fc.asyncProperty(addresses, hostileWord, async (releaseUrl, home) => {
      const { code, stdout, stderr } = await runInProcess({}, {
        args: ["buildspec", `--release-url=${releaseUrl}`],
      });
      if (code === 2) return assert.equal(stdout, "");
      assert.deepEqual([code, stderr], [0, ""]);
      const { version, phases } = parse(stdout) as {
        version: number;
        phases: Record<string, { commands: string[] }>;
      };
      assert.deepEqual([version, Object.keys(phases)], [0.2, [
        "install",
        "pre_build",
        "build",
        "post_build",
      ]]);
      // In the form in which it was checked.
      const url = webUrl(releaseUrl);
      const place = home === "" ? "/runner" : home;
      const { notes } = await run(phases["install"]?.commands[0] ?? "", { RUNNER_HOME: home });
      assert.ok(notes.includes(`<${url}/install-shell.sh>`), notes);
      assert.ok(notes.endsWith(`<--dest><${place}><--base-url><${url}>`), notes);
      installed++;
    }),
    { numRuns: 100 },
  );
  assert.ok(installed > 20, `${installed}`);
});

each(
  "the phases run the scripts in RUNNER_HOME, whatever its name, and nothing else",
  async ({ folder, run }) => {
    const { stdout } = await runInProcess({}, { args: ["buildspec"] });
    const { phases } = parse(stdout) as { phases: Record<string, { commands: string[] }> };
    const names = fc.sample(hostileWord, 200)
      .filter((name) =>
        new TextEncoder().encode(name).length < 200 && !name.includes("/") && !/^\.*$|\n$/.test(name)
      );
    for (const name of names.slice(0, 12)) {
      const home = `${folder}/homes/${name}`;
      await Deno.mkdir(home, { recursive: true });
      for (const { name: script } of Deno.readDirSync(PHASES)) {
        await Deno.copyFile(`${PHASES}${script}`, `${home}/${script}`);
      }
      await writeScript(`${home}/codebuild-agent`, `printf '<%s><%s>' "$1" "$RUNNER_HOME" >>"$NOTES"`);
      for (const phase of ["pre_build", "build", "post_build"]) {
        const { code, notes } = await run(phases[phase]?.commands[0] ?? "", { RUNNER_HOME: home });
        assert.deepEqual([code, notes], [0, `<${phase}><${home}>`]);
      }
    }
  },
);
