import { trustCondition } from "../aws/trust_condition.ts";
import { allowing, type PolicyDocument } from "./policy_document.ts";
import { accountArn, inBraces, type Setup, type TrustedRepository, withoutBraces } from "./setup.ts";

/** Who may assume start-runner's role: steps of the repositories, or of one deployment environment of theirs. */
export function startRoleTrust(setup: Setup): PolicyDocument {
  const provider = identityProvider(setup);
  return allowing({
    Sid: "StepsOfTheseRepositories",
    Principal: { Federated: accountArn(setup, `oidc-provider/${provider}`) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: trustCondition(provider, {
      audience: audience(setup),
      subjects: setup.repositories.map(subject),
    }),
  });
}

/** The workspace's identity provider, as it stands in ARNs and condition keys; its URL is this behind `https://`. */
export function identityProvider({ workspace }: Pick<Setup, "workspace">): string {
  return `api.bitbucket.org/2.0/workspaces/${workspace}/pipelines-config/identity/oidc`;
}

/** Whom Bitbucket's tokens are for, unless a step asks for another audience. */
export function audience({ workspaceUuid }: Pick<Setup, "workspaceUuid">): string {
  return `ari:cloud:bitbucket::workspace/${withoutBraces(workspaceUuid)}`;
}

/** Source: Atlassian's guide to AWS, `{REPOSITORY}[:{ENVIRONMENT}]:{STEP}`, with braces; the step is another each time. */
function subject({ uuid, environment }: TrustedRepository): string {
  return [uuid, ...(environment === undefined ? [] : [environment])].map(inBraces).join(":") + ":*";
}
