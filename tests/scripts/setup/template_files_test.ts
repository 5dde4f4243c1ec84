import assert from "node:assert/strict";
import { parse } from "yaml";
import { cloudFormation } from "../../../cli/templates/cloudformation.ts";
import { USUAL } from "../../../cli/templates/installation.ts";
import { documentsOf, PAGE_SETUP } from "../../../scripts/setup/page_documents.ts";
import { PARAMETERS, templateFiles } from "../../../scripts/setup/template_files.ts";
import { specProblems } from "../../fixtures/templates/spec_problems.ts";
import { needing } from "../../fixtures/needing.ts";
import { saidBy } from "../../fixtures/templates/outside_tool.ts";

const FOLDER = new URL("../../../scripts/setup/", import.meta.url);
const FILES = templateFiles();
const TEMPLATE = parse(FILES["cloudformation.yaml"] ?? "", { version: "1.1" });

for (const [name, text] of Object.entries(FILES)) {
  Deno.test(`scripts/setup/${name} is what the code makes (deno task policies --write renews it)`, async () => {
    assert.equal(await Deno.readTextFile(new URL(name, FOLDER)), text);
  });
  Deno.test(`scripts/setup/${name} has no hole left`, () => {
    assert.doesNotMatch(text, /%[A-Z]\w+%/);
  });
}

/** What somebody fills in to get what the pages show. */
const FILLED: Readonly<Record<string, string>> = {
  Workspace: PAGE_SETUP.workspace,
  WorkspaceUuid: PAGE_SETUP.workspaceUuid,
  RepositoryUuid: PAGE_SETUP.repositories[0]?.uuid ?? "",
  "AWS::AccountId": PAGE_SETUP.account,
  "AWS::Region": PAGE_SETUP.region,
};

Deno.test("the template of CloudFormation, filled in, has the documents of the pages", () => {
  const resources = filled(TEMPLATE["Resources"]) as ReturnType<typeof cloudFormation>["Resources"];
  const property = (name: string, key: string) => resources[name]?.Properties[key];
  const trust = property("StartRole", "AssumeRolePolicyDocument");
  assert.deepEqual({
    "trust.json": typeof trust === "string" ? JSON.parse(trust) : trust,
    "permissions.json": property("StartPolicy", "PolicyDocument"),
    "service-trust.json": property("BuildRole", "AssumeRolePolicyDocument"),
    "service-permissions.json": property("BuildPolicy", "PolicyDocument"),
  }, JSON.parse(JSON.stringify(documentsOf(PAGE_SETUP))));
});

Deno.test("the template of CloudFormation, filled in, makes what init makes", () => {
  const made = cloudFormation({
    ...PAGE_SETUP,
    ...USUAL,
    secretKind: "access-token",
    providerExists: false,
    dashboard: true,
  });
  const { IdentityProvider, StartRole: _, Dashboard: __, ...expected } = JSON.parse(
    JSON.stringify(made.Resources),
  );
  const { StartRole: ___, Dashboard: ____, ...resources } = filled(TEMPLATE["Resources"]) as Record<
    string,
    unknown
  >;
  assert.deepEqual(resources, {
    ...expected,
    IdentityProvider: { Condition: "MakeProvider", ...IdentityProvider },
  });
});

Deno.test("the template of CloudFormation is what AWS's specification of resources takes", () => {
  assert.deepEqual(specProblems(TEMPLATE["Resources"]), []);
});

Deno.test("every parameter is used, also where CloudFormation knows it itself", () => {
  for (const [name, { pseudo }] of Object.entries(PARAMETERS)) {
    assert.ok(FILES["cloudformation.yaml"]?.includes(`\${${pseudo ?? name}}`), name);
  }
  assert.equal(FILES["terraform.tf"]?.match(/^variable /gm)?.length, Object.keys(PARAMETERS).length);
});

Deno.test(needing(["cfn-lint"], "cfn-lint has nothing against the template in scripts/setup/"), async () => {
  const { "cloudformation.yaml": text = "" } = FILES;
  assert.equal(await saidBy(["cfn-lint", "--non-zero-exit-code", "warning"], { "a.yaml": text }), "");
});

Deno.test(
  needing(["terraform"], "terraform fmt would change nothing of the module in scripts/setup/"),
  async () => {
    const { "terraform.tf": text = "" } = FILES;
    assert.equal(await saidBy(["terraform", "fmt", "-check", "-diff"], { "a.tf": text }), "");
  },
);

Deno.test(needing(["shellcheck", "shfmt"], "the commands in scripts/setup/ are good shell"), async () => {
  const { "aws-cli.sh": text = "" } = FILES;
  assert.equal(await saidBy(["shellcheck"], { "a.sh": text }), "");
  assert.equal(await saidBy(["shfmt", "-d", "-i", "2", "-ci"], { "a.sh": text }), "");
});

/** A template's value as CloudFormation computes it; what is made rather than taken is called as in the documents. */
function filled(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(filled);
  const { "Fn::Sub": text, "Fn::If": choice } = value as Record<string, unknown>;
  if (Array.isArray(choice)) return filled(choice[2]);
  if (typeof text === "string") return substituted(text, {});
  if (Array.isArray(text)) return substituted(String(text[0]), filled(text[1]) as Record<string, string>);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
}

function substituted(text: string, more: Readonly<Record<string, string>>): string {
  const parameters: Record<string, { readonly Default?: string }> = TEMPLATE["Parameters"];
  return text.replace(
    /\$\{([\w:]+)\}/g,
    (whole, name: string) => more[name] ?? FILLED[name] ?? parameters[name]?.Default ?? whole,
  );
}
