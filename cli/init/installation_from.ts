import { pickCredentials } from "../../shared/settings/bitbucket_settings.ts";
import { RUNNER_TYPES } from "../../shared/settings/runner_type.ts";
import { imageNeeds } from "../options/build_image.ts";
import { type Installation, type SecretKind, USUAL } from "../templates/installation.ts";
import type { InitValues } from "./init_options.ts";

/** What was found out of the account. */
export interface FoundAccount {
  readonly account: string;
  readonly providerExists: boolean;
}

/** The installation that was asked for; names follow from the project's where nobody has chosen them. */
export function installationFrom(
  values: InitValues,
  { account, providerExists }: FoundAccount,
  env: Readonly<Record<string, string>>,
): Installation {
  const { project, image } = values;
  return {
    ...values,
    account,
    providerExists,
    startRole: values.startRole ?? (project === PROJECT ? "start-runner" : `${project}-start`),
    serviceRole: `${project}-build`,
    secret: project,
    secretKind: values.secretKind ?? kindIn(env) ?? "access-token",
    runnerTypes: values.runnerTypes ?? RUNNER_TYPES,
    environmentType: values.environmentType ?? imageNeeds(image).environmentType ?? USUAL.environmentType,
    ownVariables: values.ownVariables ?? [],
  };
}

/** The stack's name, which takes no underscores and begins with a letter. */
export function stackNameOf({ stackName, project }: Pick<InitValues, "stackName" | "project">): string {
  const name = project.replaceAll("_", "-");
  return stackName ?? (/^[A-Za-z]/.test(name) ? name : `project-${name}`).slice(0, 128);
}

/** The project of the pages, whose role has the name that stands there. */
const PROJECT = "bitbucket-runner";

const KINDS: Readonly<Record<string, SecretKind>> = {
  "access token": "access-token",
  "api token": "api-token",
  "oauth": "consumer",
};

/** The kind of credentials that the environment has. */
function kindIn(env: Readonly<Record<string, string>>): SecretKind | undefined {
  const { credentials } = pickCredentials({
    accessToken: env["BITBUCKET_ACCESS_TOKEN"],
    apiEmail: env["BITBUCKET_API_EMAIL"],
    apiToken: env["BITBUCKET_API_TOKEN"],
    oauthClientId: env["BITBUCKET_OAUTH_CLIENT_ID"],
    oauthClientSecret: env["BITBUCKET_OAUTH_CLIENT_SECRET"],
  });
  return credentials && KINDS[credentials.kind];
}
