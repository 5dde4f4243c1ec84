import assert from "node:assert/strict";
import { withPolicies } from "../../scripts/setup/policy_pages.ts";

async function policies(...args: readonly string[]) {
  const script = new URL("../../scripts/policies.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-q", "-A", script, ...args] });
  const { success, stdout, stderr } = await command.output();
  return { success, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("`deno task policies` prints every document of the mode that is asked for", async () => {
  const { success, stdout } = await policies("--credentials", "runner", "--sealed", "--custom-buildspec");
  assert.ok(success);
  const documents = stdout.split(/^[\w-]+\.json:$/m).slice(1).map((text) => JSON.parse(text));
  assert.equal(documents.length, 5);
  assert.match(stdout, /"codebuild:source\.buildspec": "true"/);
  assert.match(stdout, /"RUNNER_SEALED"/);
  assert.ok(!stdout.includes("secretsmanager"));
});

Deno.test("`deno task policies` refuses a mode that it does not know", async () => {
  const { success, stderr } = await policies("--credentials", "magic");
  assert.ok(!success);
  assert.match(stderr, /--credentials takes one of secret, token, project, runner/);
});

Deno.test("`withPolicies()` changes its own places only", () => {
  const page =
    "# A\n\n<!-- other:start -->\nkept\n<!-- other:end -->\n\n<!-- trust:start -->\nold\n<!-- trust:end -->\n";
  const made = withPolicies(page);
  assert.ok(made.startsWith("# A\n\n<!-- other:start -->\nkept\n<!-- other:end -->\n"));
  assert.match(made, /AssumeRoleWithWebIdentity/);
  assert.ok(!made.includes("old"));
  assert.equal(withPolicies(made), made);
});
