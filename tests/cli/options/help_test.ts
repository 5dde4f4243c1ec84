import assert from "node:assert/strict";
import { COMMANDS } from "../../../cli/commands/commands.ts";
import { helpOf } from "../../../cli/commands/help_command.ts";
import { flagName } from "../../../shared/settings/settings.ts";
import { startOptions } from "../../../cli/options/options.ts";
import { CREDENTIAL_VARIABLES } from "../../../shared/settings/bitbucket_settings.ts";
import { EXIT_CODES } from "../../../shared/program/errors.ts";
import { VERSION } from "../../../shared/program/version.ts";

for (const [name, { load }] of Object.entries(COMMANDS)) {
  const snapshot = new URL(`../../fixtures/help/${name}.txt`, import.meta.url);
  Deno.test(`the help of ${name} is the one that was last looked over (UPDATE_HELP=1 renews it)`, async () => {
    const text = (await helpOf(COMMANDS, name)).replaceAll(VERSION, "VERSION");
    if (Deno.env.get("UPDATE_HELP") === "1") await Deno.writeTextFile(snapshot, text);
    assert.equal(text, await Deno.readTextFile(snapshot));
  });

  Deno.test(`the help of ${name} names all that may be typed after it`, async () => {
    const { operands, options } = await load();
    const text = await helpOf(COMMANDS, name);
    const flags = Object.values(options).map(flagName).filter((flag) => flag !== undefined);
    const words = [...flags, ...operands.map((operand) => operand.name)];
    assert.deepEqual(words.filter((word) => !text.includes(word)), []);
  });
}

Deno.test("the help names every command, says how to learn more, and fits on a screen", async () => {
  const text = await helpOf(COMMANDS);
  for (const [name, { summary }] of Object.entries(COMMANDS)) {
    assert.match(text, new RegExp(`^  ${name} +${summary}`, "m"));
  }
  assert.match(text, /start-runner help COMMAND .*start-runner help start/);
  assert.ok(text.split("\n").length <= 40, text);
});

Deno.test("the help of a start names every option, variable and exit code", async () => {
  const text = await helpOf(COMMANDS, "start");
  for (const { flag, variables, help } of Object.values(startOptions)) {
    for (const part of [flag, ...variables, help]) assert.ok(text.includes(part), part);
  }
  for (const variable of CREDENTIAL_VARIABLES) assert.ok(text.includes(variable), variable);
  for (const code of Object.values(EXIT_CODES)) assert.match(text, new RegExp(`^  ${code} +\\w`, "m"));
});
