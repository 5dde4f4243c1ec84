import assert from "node:assert/strict";
import { terraform } from "../../../cli/templates/terraform.ts";
import { documentsOf } from "../../../scripts/setup/page_documents.ts";
import { needing } from "../../fixtures/needing.ts";
import { saidBy } from "../../fixtures/templates/outside_tool.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { INSTALLATION, VARIANTS } from "./sample_installation.ts";

for (const [what, installation] of Object.entries(VARIANTS)) {
  Deno.test(
    needing(["terraform"], `terraform fmt would change nothing of a module with ${what}`),
    async () => {
      assert.equal(
        await saidBy(["terraform", "fmt", "-check", "-diff"], { "a.tf": terraform(installation) }),
        "",
      );
    },
  );
}

Deno.test(
  needing(["terraform"], "a module's documents are, in Terraform's own eyes, those of the pages"),
  async () => {
    const [start, startTrust, build, buildTrust] = await documentsIn(terraform(INSTALLATION));
    const expected = JSON.parse(JSON.stringify(documentsOf(INSTALLATION)));
    assert.deepEqual({
      "trust.json": start,
      "permissions.json": startTrust,
      "service-trust.json": build,
      "service-permissions.json": buildTrust,
    }, expected);
  },
);

Deno.test("a module makes what there is to make, and no more", () => {
  const made = (change: Partial<typeof INSTALLATION>) =>
    [...terraform({ ...INSTALLATION, ...change }).matchAll(/^resource "aws_(\w+)"/gm)].map(([, type]) =>
      type
    );
  assert.deepEqual(made({}), [
    "iam_openid_connect_provider",
    "iam_role",
    "iam_role_policy",
    "iam_role",
    "iam_role_policy",
    "cloudwatch_log_group",
    "secretsmanager_secret",
    "codebuild_project",
    "cloudwatch_dashboard",
  ]);
  const least = made({ providerExists: true, credentials: "runner", dashboard: false });
  assert.deepEqual(least.filter((type) => !type?.startsWith("iam_role")), [
    "cloudwatch_log_group",
    "codebuild_project",
  ]);
});

/** What Terraform makes of each `jsonencode(…)`, in their order. */
async function documentsIn(module: string): Promise<unknown[]> {
  const expressions = [...module.matchAll(/ = jsonencode\((.*?)\n {2}\)?\}\)$/gms)].map(([whole]) =>
    whole.replace(/^ = /, "")
  );
  const documents: unknown[] = [];
  await withTemporaryFolder(async (folder) => {
    const outputs = expressions.map((expression, index) =>
      `output "d${index}" {\n  value = ${expression}\n}\n`
    );
    await Deno.writeTextFile(`${folder}/main.tf`, outputs.join("\n"));
    const run = async (...args: string[]) => {
      const { stdout, stderr, success } = await new Deno.Command("terraform", { args, cwd: folder }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    await run("apply", "-auto-approve", "-input=false");
    const values: Record<string, { value: string }> = JSON.parse(await run("output", "-json"));
    documents.push(...expressions.map((_, index) => JSON.parse(values[`d${index}`]?.value ?? "null")));
  });
  return documents;
}
