import { identityProvider } from "../setup/start_role_trust.ts";
import { logGroup } from "../setup/setup.ts";
import {
  hasSecret,
  type Installation,
  isPrivileged,
  pipelineVariables,
  SECRET_KINDS,
} from "./installation.ts";

/** What will be made, for people; each line is one thing. */
export function planLines(installation: Installation): string[] {
  const { account, region, project, startRole, serviceRole, secret, repositories } = installation;
  const { image, computeType, retentionDays, providerExists } = installation;
  const docker = isPrivileged(installation) ? ", privileged for Docker" : "";
  const count = repositories.length === 1 ? "1 repository" : `${repositories.length} repositories`;
  return [
    `In account ${account}, region ${region}:`,
    `- identity provider ${identityProvider(installation)}${
      providerExists ? ": there already, left as it is" : ""
    }`,
    `- role ${startRole}, for steps of ${count} of ${installation.workspace}: may start, watch and stop builds of ${project}`,
    `- role ${serviceRole}, for builds of ${project}: may write the log${
      hasSecret(installation) ? " and read the secret" : ""
    }${installation.debug ? ", and open sessions to look into a build" : ""}`,
    `- log group ${logGroup(installation)}, kept ${retentionDays} days`,
    ...(hasSecret(installation)
      ? [
        `- secret ${secret} for ${
          Object.keys(SECRET_KINDS[installation.secretKind]).join(" and ")
        }; its value goes in afterwards`,
      ]
      : []),
    `- CodeBuild project ${project}: ${image}, ${computeType}${docker}`,
    ...(installation.dashboard ? [`- dashboard ${project} over what --metrics writes`] : []),
  ];
}

/** What is left to do by hand once everything is there. */
export function nextSteps(installation: Installation, secretIsSet: boolean): string[] {
  return [
    ...(hasSecret(installation) && !secretIsSet ? secretByHand(installation) : []),
    "Set these variables in Bitbucket (repository or workspace settings, Pipelines); none is a secret:",
    ...Object.entries(pipelineVariables(installation)).map(([name, value]) => `  ${name}=${value}`),
    ...(hasSecret(installation) ? [] : [
      "and, as secured variables, the Bitbucket credentials: BITBUCKET_ACCESS_TOKEN, or those of another kind",
    ]),
    "Then enable Pipelines and push bitbucket-pipelines.yml: its first step starts the runner of the second.",
    `What a run needs is checked by: start-runner doctor --project ${installation.project} --region ${installation.region}`,
  ];
}

function secretByHand(installation: Installation): string[] {
  const keys = keysOf(installation).map((key) => `"${key}": "…"`).join(", ");
  return [
    `Put {${keys}} into a file credentials.json, and from there into the secret; then remove the file:`,
    `  aws secretsmanager put-secret-value --region ${installation.region} --secret-id ${installation.secret} ` +
    "--secret-string file://credentials.json",
  ];
}

/** The keys of the secret. */
export function keysOf({ secretKind }: Pick<Installation, "secretKind">): string[] {
  return Object.values(SECRET_KINDS[secretKind]);
}
