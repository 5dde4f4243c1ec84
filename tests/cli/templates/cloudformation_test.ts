import assert from "node:assert/strict";
import { parse } from "yaml";
import { cloudFormation } from "../../../cli/templates/cloudformation.ts";
import { yamlText } from "../../../cli/templates/yaml_text.ts";
import { documentsOf } from "../../../scripts/setup/page_documents.ts";
import { specProblems } from "../../fixtures/templates/spec_problems.ts";
import { needing } from "../../fixtures/needing.ts";
import { saidBy } from "../../fixtures/templates/outside_tool.ts";
import { INSTALLATION, VARIANTS } from "./sample_installation.ts";

// deno-lint-ignore no-explicit-any -- reads whatever the template has
type Resources = Readonly<Record<string, any>>;

function resourcesOf(installation = INSTALLATION): Resources {
  return parse(yamlText(cloudFormation(installation)))["Resources"];
}

for (const [what, installation] of Object.entries(VARIANTS)) {
  Deno.test(`a template with ${what} is what AWS's specification of resources takes`, () => {
    assert.deepEqual(specProblems(resourcesOf(installation)), []);
  });

  Deno.test(`a template with ${what} has the documents of the pages`, () => {
    const { StartRole, StartPolicy, BuildRole, BuildPolicy } = resourcesOf(installation);
    assert.deepEqual([StartPolicy, BuildPolicy].map(({ Properties }) => Properties.Roles), [
      [{ Ref: "StartRole" }],
      [{ Ref: "BuildRole" }],
    ]);
    assert.deepEqual({
      "trust.json": StartRole.Properties.AssumeRolePolicyDocument,
      "permissions.json": StartPolicy.Properties.PolicyDocument,
      "service-trust.json": BuildRole.Properties.AssumeRolePolicyDocument,
      "service-permissions.json": BuildPolicy.Properties.PolicyDocument,
    }, JSON.parse(JSON.stringify(documentsOf(installation))));
  });
}

Deno.test("the specification has something against a template with a wrong member", () => {
  const { Project } = resourcesOf();
  const broken = { ...Project.Properties, TimeoutInMinutes: "120", Colour: "red", Source: {} };
  const problems = specProblems({
    Project: { ...Project, Properties: broken },
    Other: { Type: "AWS::No::Such" },
  });
  assert.deepEqual(
    problems,
    [
      "Project.Source.Type is missing",
      'Project.TimeoutInMinutes is no integer: "120"',
      "Project.Colour is unknown",
      "Other: there is no AWS::No::Such",
    ].toSorted((a, b) => problems.indexOf(a) - problems.indexOf(b)),
  );
  assert.equal(problems.length, 4);
});

Deno.test(needing(["cfn-lint"], "cfn-lint has nothing against the template"), async () => {
  const files = Object.entries(VARIANTS).map((
    [, one],
    index,
  ) => [`${index}.yaml`, yamlText(cloudFormation(one))]);
  const command = ["cfn-lint", "--non-zero-exit-code", "warning"];
  assert.equal(await saidBy(command, Object.fromEntries(files)), "");
});

Deno.test("no template holds a secret's value, and a project in whose pipelines the credential is refers to none", () => {
  assert.deepEqual(Object.keys(resourcesOf()["Credential"].Properties), ["Name", "Description"]);
  const without = resourcesOf({ ...INSTALLATION, credentials: "runner" });
  assert.equal(without["Credential"], undefined);
  assert.equal(without["Project"].Properties.Environment.EnvironmentVariables, undefined);
});

Deno.test("the identity provider outlives its stack, and the role comes after it", () => {
  const { IdentityProvider, StartRole } = resourcesOf();
  assert.equal(IdentityProvider.DeletionPolicy, "RetainExceptOnCreate");
  assert.equal(StartRole.DependsOn, "IdentityProvider");
  const { IdentityProvider: none, StartRole: role } = resourcesOf({ ...INSTALLATION, providerExists: true });
  assert.deepEqual([none, role.DependsOn], [undefined, undefined]);
});
