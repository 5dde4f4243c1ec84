import assert from "node:assert/strict";
import { checkStepTools } from "../../../agent/shell/step_tools.ts";
import type { ProgramError } from "../../../shared/program/errors.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

/** Looks in a folder that holds nothing but these programs. */
async function check(programs: Readonly<Record<string, string>>): Promise<string> {
  const { log, text } = recordedLog();
  await withTemporaryFolder(async (folder) => {
    for (const [name, script] of Object.entries(programs)) await writeScript(`${folder}/${name}`, script);
    await checkStepTools({ env: { PATH: folder }, log });
  });
  return text();
}

const GIT = "echo git version 2.39.5";
const ALL = { git: GIT, bash: "", setsid: "" };

for (
  const [name, remedy] of [["git", "git, 2.35 or later"], ["bash", "bash"], ["setsid", "util-linux"]] as const
) {
  Deno.test(`\`checkStepTools()\` names ${name} when it is missing, and what to install`, async () => {
    const { [name]: _, ...rest } = ALL;
    await assert.rejects(check(rest), (error: ProgramError) => {
      assert.equal(error.name, "RunnerError");
      assert.equal(error.message, `Cannot prepare the runner: there is no ${name} on the PATH`);
      assert.ok(error.hint?.includes(`install the package ${remedy}, since`), error.hint);
      assert.match(error.hint ?? "", /aws\/codebuild\/standard:8\.0/);
      return true;
    });
  });
}

Deno.test("`checkStepTools()` names all that is missing at once", async () => {
  await assert.rejects(check({}), {
    message: "Cannot prepare the runner: there is no git, no bash, no setsid on the PATH",
  });
});

const VERSIONS: readonly (readonly [said: string, old: string | undefined])[] = [
  ["git version 2.35.0", undefined],
  ["git version 2.53.0", undefined],
  ["git version 3.0.1", undefined],
  ["git version 2.39.3 (Apple Git-145)", undefined],
  ["something else", undefined],
  ["git version 2.34.1", "2.34.1"],
  ["git version 2.9.0.rc1", "2.9.0.rc1"],
  ["git version 1.99", "1.99"],
];

for (const [said, old] of VERSIONS) {
  Deno.test(`\`checkStepTools()\` ${old === undefined ? "accepts" : "warns of"} «${said}»`, async () => {
    const text = await check({ ...ALL, git: `echo '${said}'` });
    if (old === undefined) assert.equal(text, "");
    else {assert.ok(
        text.includes(`warning: Git is ${old}, but Atlassian's runner asks for 2.35 or later`),
        text,
      );}
  });
}
