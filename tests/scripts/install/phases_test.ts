import assert from "node:assert/strict";
import { eventually } from "../../fixtures/eventually.ts";
import { SHELLS } from "../../fixtures/programs/installer_run.ts";
import { findTool, needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

const PHASES = new URL("../../../scripts/phases/", import.meta.url).pathname;

interface Place {
  readonly folder: string;
  /** Starts a phase script. */
  readonly start: (script: string, env?: Record<string, string>) => Deno.ChildProcess;
  /** What the agent was called with so far, as in `pre_build in /home`. */
  readonly calls: () => string[];
  /** What the scripts themselves wrote to stderr so far. */
  readonly errors: () => string[];
}

/** A folder with the phase scripts and an agent whose answer to each phase is a line of shell. */
function each(behaviour: string, agent: string[], body: (place: Place) => Promise<void>): void {
  for (const [shell, ...shellArgs] of SHELLS) {
    Deno.test({
      ...needing([shell], `phase scripts under ${shell}: ${behaviour}`),
      fn: () =>
        withTemporaryFolder(async (folder) => {
          const home = `${folder}/home`;
          await Deno.mkdir(home);
          for (const entry of Deno.readDirSync(PHASES)) {
            await Deno.copyFile(`${PHASES}${entry.name}`, `${home}/${entry.name}`);
          }
          await writeScript(
            `${home}/codebuild-agent`,
            `echo "$1 in $RUNNER_HOME" >> ${folder}/calls`,
            "case $1 in",
            ...agent,
            "esac",
          );
          await body({
            folder,
            start: (script, env = {}) =>
              new Deno.Command("sh", {
                args: [
                  "-c",
                  'exec "$@" 2>>"$0"',
                  `${folder}/errors`,
                  findTool(shell) ?? shell,
                  ...shellArgs,
                  script,
                ],
                clearEnv: true,
                env: { PATH: Deno.env.get("PATH") ?? "", ...env },
                stdin: "null",
              }).spawn(),
            calls: () => readLines(`${folder}/calls`),
            errors: () => readLines(`${folder}/errors`),
          });
        }),
    });
  }
}

each("run the agent from their own folder, which is RUNNER_HOME", ["*) exit 0 ;;"], async (place) => {
  await Deno.symlink(`${place.folder}/home/build.sh`, `${place.folder}/linked`);
  for (const script of ["home/pre_build.sh", "linked", "home/post_build.sh"]) {
    assert.equal((await place.start(`${place.folder}/${script}`).status).code, 0);
  }
  const home = `${place.folder}/home`;
  assert.deepEqual(place.calls(), [`pre_build in ${home}`, `build in ${home}`, `post_build in ${home}`]);
});

each("keep a RUNNER_HOME that is set", ["*) exit 0 ;;"], async (place) => {
  for (const phase of ["pre_build", "build", "post_build"]) {
    await place.start(`${place.folder}/home/${phase}.sh`, { RUNNER_HOME: "/elsewhere" }).status;
  }
  assert.deepEqual(
    place.calls(),
    ["pre_build", "build", "post_build"].map((phase) => `${phase} in /elsewhere`),
  );
});

each("end with the agent's exit code", ["build) exit 5 ;;", "post_build) exit 6 ;;"], async (place) => {
  assert.equal((await place.start(`${place.folder}/home/build.sh`).status).code, 5);
  assert.equal((await place.start(`${place.folder}/home/post_build.sh`).status).code, 6);
});

const FAILURES: readonly (readonly [string, string, number])[] = [
  ["fails", "exit 3", 3],
  ["was killed", "kill -9 $$", 137],
];
for (const [what, line, code] of FAILURES) {
  const agent = [`pre_build) ${line} ;;`, "post_build) exit 9 ;;"];
  each(`clean up after a pre_build that ${what}, and keep its exit code`, agent, async (place) => {
    assert.equal((await place.start(`${place.folder}/home/pre_build.sh`).status).code, code);
    const home = `${place.folder}/home`;
    assert.deepEqual(place.calls(), [`pre_build in ${home}`, `post_build in ${home}`]);
    const mark = `codebuild-agent pre_build ended with exit code ${code}: cleaning up after it`;
    assert.deepEqual(place.errors().filter((line) => line.startsWith("codebuild-agent ")), [mark]);
  });
}

each("fail when there is no agent", [], async (place) => {
  await Deno.remove(`${place.folder}/home/codebuild-agent`);
  for (const phase of ["pre_build", "build", "post_build"]) {
    assert.equal((await place.start(`${place.folder}/home/${phase}.sh`).status).code, 127, phase);
  }
});

// An agent that takes its time to answer a signal, as the real one does while it unregisters the runner. A shell
// cannot trap the SIGINT that a shell in the background ignores, though the agent can: so SIGTERM stands for both.
const SLOW = [
  "post_build) ;;",
  `*) trap 'echo TERM >> "$0.log"; sleep 0.1; exit 143' TERM; echo > "$0.ready"`,
  "  while :; do sleep 0.05; done ;;",
];

each("pass a signal on to the agent and wait for its answer", SLOW, async (place) => {
  const agent = `${place.folder}/home/codebuild-agent`;
  for (const phase of ["pre_build", "build"]) {
    const child = place.start(`${place.folder}/home/${phase}.sh`);
    await eventually("the agent runs", () => readLines(`${agent}.ready`).length > 0 || undefined);
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 143);
    assert.deepEqual(readLines(`${agent}.log`), ["TERM"]);
    await Deno.remove(`${agent}.log`);
    await Deno.remove(`${agent}.ready`);
  }
  assert.deepEqual(place.calls().map((line) => line.split(" ")[0]), ["pre_build", "post_build", "build"]);
});

function readLines(file: string): string[] {
  try {
    return Deno.readTextFileSync(file).split("\n").slice(0, -1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
