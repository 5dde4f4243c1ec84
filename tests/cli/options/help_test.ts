import assert from "node:assert/strict";
import { helpText } from "../../../cli/options/help.ts";
import { startOptions } from "../../../cli/options/options.ts";
import { CREDENTIAL_VARIABLES } from "../../../shared/settings/bitbucket_settings.ts";
import { EXIT_CODES } from "../../../shared/program/errors.ts";
import { VERSION } from "../../../shared/program/version.ts";

const SNAPSHOT = new URL("../../fixtures/start_runner_help.txt", import.meta.url);

Deno.test("the help is the one that was last looked over (run with UPDATE_HELP=1 to renew it)", async () => {
  const text = helpText().replaceAll(VERSION, "VERSION");
  if (Deno.env.get("UPDATE_HELP") === "1") await Deno.writeTextFile(SNAPSHOT, text);
  assert.equal(text, await Deno.readTextFile(SNAPSHOT));
});

Deno.test("the help names every option, variable and exit code", () => {
  const text = helpText();
  for (const { flag, variables, help } of Object.values(startOptions)) {
    for (const part of [flag, ...variables, help]) assert.ok(text.includes(part), part);
  }
  for (const variable of CREDENTIAL_VARIABLES) assert.ok(text.includes(variable), variable);
  for (const [name, code] of Object.entries(EXIT_CODES)) {
    if (name !== "failed") assert.match(text, new RegExp(`^  ${code} +\\w`, "m"));
  }
});
