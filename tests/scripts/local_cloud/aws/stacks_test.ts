import assert from "node:assert/strict";
import { readTemplate } from "../../../../scripts/local_cloud/aws/stack_template.ts";
import { cloudFormation } from "../../../../cli/templates/cloudformation.ts";
import { yamlText } from "../../../../cli/templates/yaml_text.ts";
import { withLocalCloud } from "../../../fixtures/programs/local_cloud.ts";
import { INSTALLATION } from "../../../cli/templates/sample_installation.ts";

const TEMPLATE = yamlText(cloudFormation(INSTALLATION));
const BODIES: readonly (readonly [what: string, body: string, RegExp])[] = [
  ["no template", "hello", /unsupported structure/],
  ["YAML that is none", "a: [", /Template format error/],
  ["no resources", 'AWSTemplateFormatVersion: "2010-09-09"', /At least one Resources member/],
  [
    "an unknown type",
    TEMPLATE.replace("AWS::Logs::LogGroup", "AWS::Logs::Group"),
    /Unrecognized resource types/,
  ],
  ["an unknown property", TEMPLATE.replace("RetentionInDays", "Retention"), /unsupported property Retention/],
  [
    "a missing property",
    TEMPLATE.replace(/ {6}ServiceRole:\n.*\n/, ""),
    /Property ServiceRole cannot be empty/,
  ],
  [
    "a lost reference",
    TEMPLATE.replace("Ref: BuildLog", "Ref: BuildLogs"),
    /Unresolved .* \[BuildLogs\] in Project/,
  ],
  ["too much", `${TEMPLATE}#${"x".repeat(51_200)}`, /templateBody is too long/],
];

for (const [what, body, expected] of BODIES) {
  Deno.test(`CloudFormation refuses ${what}`, () => {
    assert.throws(() => readTemplate(body, "123456789012"), expected);
  });
}

Deno.test("CloudFormation makes what others refer to first, with their names in place of references", () => {
  const resources = readTemplate(TEMPLATE, "123456789012");
  const names = resources.map(({ name }) => name);
  for (
    const [first, second] of [["IdentityProvider", "StartRole"], ["BuildRole", "Project"], [
      "BuildLog",
      "Project",
    ]]
  ) {
    assert.ok(names.indexOf(first ?? "") < names.indexOf(second ?? ""), names.join());
  }
  const project = resources.find(({ name }) => name === "Project")?.properties;
  assert.equal(project?.["ServiceRole"], "arn:aws:iam::123456789012:role/ci-build");
});

Deno.test("CloudFormation asks for the capability that roles with names take", async () => {
  await withLocalCloud({}, async (cloud) => {
    const form = { Action: "CreateStack", Version: "2010-05-15", StackName: "ci", TemplateBody: TEMPLATE };
    const ask = async (more: Record<string, string>) => {
      const response = await fetch(cloud.url, {
        method: "POST",
        body: new URLSearchParams({ ...form, ...more }),
        headers: { authorization: `AWS4-HMAC-SHA256 Credential=${cloud.env["AWS_ACCESS_KEY_ID"]}/x` },
      });
      return [response.status, await response.text()] as const;
    };
    const [status, text] = await ask({});
    assert.equal(status, 400);
    assert.match(text, /<Code>InsufficientCapabilitiesException<\/Code>/);
    const [made] = await ask({ "Capabilities.member.1": "CAPABILITY_NAMED_IAM" });
    assert.equal(made, 200);
  });
});
