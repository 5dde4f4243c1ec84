import assert from "node:assert/strict";
import { awsCli, projectInput } from "../../../cli/templates/aws_cli.ts";
import { documentsOf } from "../../../scripts/setup/page_documents.ts";
import { needing } from "../../fixtures/needing.ts";
import { saidBy } from "../../fixtures/templates/outside_tool.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";
import { INSTALLATION, VARIANTS } from "./sample_installation.ts";

for (const [what, installation] of Object.entries(VARIANTS)) {
  Deno.test(needing(["shellcheck"], `shellcheck has nothing against commands for ${what}`), async () => {
    assert.equal(await saidBy(["shellcheck"], { "a.sh": awsCli(installation) }), "");
  });
  Deno.test(needing(["shfmt"], `shfmt would change nothing of commands for ${what}`), async () => {
    assert.equal(await saidBy(["shfmt", "-d", "-i", "2", "-ci"], { "a.sh": awsCli(installation) }), "");
  });
}

Deno.test("the commands give the AWS CLI the documents of the pages", async () => {
  const { code, calls, documents } = await played({});
  assert.equal(code, 0);
  assert.deepEqual(documents, {
    ...JSON.parse(JSON.stringify(documentsOf(INSTALLATION))),
    "project.json": JSON.parse(JSON.stringify(projectInput(INSTALLATION))),
    "dashboard.json": documents["dashboard.json"],
  });
  assert.deepEqual(calls.map((call) => call.split(" ").slice(0, 2).join(" ")), [
    "iam create-open-id-connect-provider",
    "iam create-role",
    "iam put-role-policy",
    "iam create-role",
    "iam put-role-policy",
    "logs create-log-group",
    "logs put-retention-policy",
    "secretsmanager create-secret",
    "codebuild create-project",
    "cloudwatch put-dashboard",
  ]);
});

Deno.test("the commands try again while CodeBuild does not know the new role", async () => {
  const { code, calls } = await played({ refusals: 2 });
  assert.equal(code, 0);
  assert.equal(calls.filter((call) => call.startsWith("codebuild create-project")).length, 3);
});

Deno.test("the commands stop at another refusal, and say which", async () => {
  const { code, calls, stderr } = await played({ refusals: 9, reason: "Project already exists" });
  assert.equal(code, 1);
  assert.match(stderr, /Project already exists/);
  assert.equal(calls.filter((call) => call.startsWith("codebuild create-project")).length, 1);
});

interface Played {
  readonly code: number;
  readonly stderr: string;
  readonly calls: readonly string[];
  readonly documents: Readonly<Record<string, unknown>>;
}

/** Runs the commands with an `aws` that writes down what it is called with, and keeps the documents. */
async function played(
  { refusals = 0, reason = "CodeBuild is not authorized to perform: sts:AssumeRole on arn:…" }: {
    readonly refusals?: number;
    readonly reason?: string;
  },
): Promise<Played> {
  let result: Played | undefined;
  await withTemporaryFolder(async (folder) => {
    await writeScript(
      `${folder}/bin/aws`,
      `echo "$*" >>${folder}/calls`,
      `for word; do case $word in file://*) cp "\${word#file://}" ${folder}/ ;; esac; done`,
      `[ "$2" = create-project ] || exit 0`,
      `[ "$(grep -c create-project ${folder}/calls)" -gt ${refusals} ] && exit 0`,
      `echo 'An error occurred: ${reason}' >&2`,
      "exit 254",
    );
    await writeScript(`${folder}/bin/sleep`, "");
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", awsCli(INSTALLATION)],
      env: { PATH: `${folder}/bin:/usr/bin:/bin` },
    }).output();
    const kept = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".json"));
    result = {
      code,
      stderr: new TextDecoder().decode(stderr),
      calls: (await Deno.readTextFile(`${folder}/calls`)).trimEnd().split("\n"),
      documents: Object.fromEntries(
        kept.map(({ name }) => [name, JSON.parse(Deno.readTextFileSync(`${folder}/${name}`))]),
      ),
    };
  });
  assert.ok(result);
  return result;
}
