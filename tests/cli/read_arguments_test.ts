import assert from "node:assert/strict";
import { COMMANDS } from "../../cli/commands/commands.ts";
import { readArguments } from "../../cli/read_arguments.ts";

for (
  const [args, name, operands] of [
    [["start", "--multi-step"], "start", []],
    [["--multi-step"], "start", []],
    [["buildspec", "--runner-type", "docker"], "buildspec", []],
    [["--runner-type", "docker", "buildspec"], "buildspec", []],
    [["help", "buildspec"], "help", ["buildspec"]],
  ] as const
) {
  Deno.test(`\`readArguments()\` finds ${name} in «${args.join(" ")}»`, async () => {
    const { command, line } = await readArguments(args, COMMANDS);
    assert.deepEqual({ name: command.name, operands: line.operands }, { name, operands });
    assert.deepEqual(line.problems, []);
  });
}

Deno.test("`readArguments()` names the command that was meant, and every other problem", async () => {
  await assert.rejects(readArguments(["buildspce", "--nope"], COMMANDS), {
    message:
      "There is no command «buildspce»: did you mean buildspec?\nUnknown flag --nope: see start-runner start --help",
  });
  await assert.rejects(
    readArguments(["--multi-step=1", "xyz"], COMMANDS),
    /no command «xyz»: the commands are start, /,
  );
});
