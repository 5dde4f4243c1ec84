import type { Project } from "../../../shared/aws/aws_codebuild.ts";
import {
  type BitbucketCredentials,
  bitbucketSettings,
  CREDENTIAL_VARIABLES,
  CREDENTIALS_REMEDY,
  pickCredentials,
} from "../../../shared/settings/bitbucket_settings.ts";
import { readSettings, type Setting } from "../../../shared/settings/settings.ts";
import { choiceLine } from "../../options/credentials_mode.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

type Variables = readonly {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  readonly type?: string | undefined;
}[];

/** Where the build's access to Bitbucket comes from; undefined for a project that cannot be seen. */
export function credentialFindings(config: DoctorConfig, project: Project | undefined): Finding[] {
  const { warning, line } = choiceLine(config.choice, config.runners);
  if (config.choice.mode !== "project") {
    const better = "set --credentials to runner, token or project, or --kms-key";
    return [ok("credentials", line, warning ? better : undefined)];
  }
  if (project === undefined) return [unknown("credentials", `${line}; the project cannot be seen`)];
  const variables = project.environment?.environmentVariables ?? [];
  const { credentials, problems } = pickCredentials(namesAsValues(variables));
  if (problems.length > 0) {
    return problems.map((one) => fail("credentials", `in the project: ${one}`, CREDENTIALS_REMEDY));
  }
  if (credentials === undefined) {
    return [fail(
      "credentials",
      "neither the step nor the project has Bitbucket credentials",
      `in the project, as a reference to Secrets Manager, or as secured variables of the repository, ${CREDENTIALS_REMEDY}`,
    )];
  }
  return [
    ok("credentials", `the project has its own: ${credentialKind(credentials)}`),
    ...plainCredentials(variables),
  ];
}

/** Credentials of the project that anybody who may look at it can read: they can be tried as well. */
export function plainProjectCredentials(project: Project | undefined) {
  const variables = (project?.environment?.environmentVariables ?? []).filter(isPlain);
  const env = Object.fromEntries(variables.map(({ name = "", value = "" }) => [name, value]));
  return pickCredentials(readSettings(bitbucketSettings, {}, env).values).credentials;
}

/** A kind of credentials in words. */
export function credentialKind({ kind }: BitbucketCredentials): string {
  return kind === "oauth" ? "an OAuth consumer" : `an ${kind}`;
}

/** Whether each of them is set is all that counts, by whatever reference. */
function namesAsValues(variables: Variables) {
  const names = new Set(variables.map(({ name }) => name));
  const entries = Object.entries<Setting<unknown>>(bitbucketSettings)
    .map(([key, setting]) => [key, setting.variables.find((name) => names.has(name))]);
  return Object.fromEntries(entries) as Parameters<typeof pickCredentials>[0];
}

function plainCredentials(variables: Variables): Finding[] {
  const plain = variables.filter((one) => isPlain(one) && isSecret(one.name ?? "")).map(({ name }) => name);
  return plain.length === 0 ? [] : [ok(
    "credentials",
    `${plain.join(", ")} stands in plain text in the project, for whoever may look at it`,
    "put it into Secrets Manager and refer to it there (type SECRETS_MANAGER)",
  )];
}

function isPlain({ type = "PLAINTEXT" }: Variables[number]): boolean {
  return type === "PLAINTEXT";
}

function isSecret(name: string): boolean {
  const open: readonly string[] = [
    ...bitbucketSettings.oauthClientId.variables,
    ...bitbucketSettings.apiEmail.variables,
  ];
  return CREDENTIAL_VARIABLES.includes(name) && !open.includes(name);
}
