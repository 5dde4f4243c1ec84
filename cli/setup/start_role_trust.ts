import { trustCondition } from "../aws/trust_condition.ts";
import { allowing, type PolicyDocument } from "./policy_document.ts";
import { accountArn, inBraces, type Setup, type TrustedRepository, withoutBraces } from "./setup.ts";

/** Who may assume start-runner's role: steps of the repositories, or of one deployment environment of theirs. */
export function startRoleTrust(setup: Setup): PolicyDocument {
  const provider = `api.bitbucket.org/2.0/workspaces/${setup.workspace}/pipelines-config/identity/oidc`;
  return allowing({
    Sid: "StepsOfTheseRepositories",
    Principal: { Federated: accountArn(setup, `oidc-provider/${provider}`) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: trustCondition(provider, {
      audience: `ari:cloud:bitbucket::workspace/${withoutBraces(setup.workspaceUuid)}`,
      subjects: setup.repositories.map(subject),
    }),
  });
}

/** Source: Atlassian's guide to AWS, `{REPOSITORY}[:{ENVIRONMENT}]:{STEP}`, with braces; the step is another each time. */
function subject({ uuid, environment }: TrustedRepository): string {
  return [uuid, ...(environment === undefined ? [] : [environment])].map(inBraces).join(":") + ":*";
}
