import type { BitbucketCredentials } from "../../shared/settings/bitbucket_settings.ts";

/** What of the Bitbucket credentials gets into the build: themselves, a token of theirs, nothing, or a runner's identity. */
export const CREDENTIALS_MODES = ["secret", "token", "project", "runner"] as const;
export type CredentialsMode = typeof CREDENTIALS_MODES[number];

/** The mode in force, and whether somebody has asked for it. */
export interface CredentialsChoice {
  readonly mode: CredentialsMode;
  readonly asked: boolean;
  /** The KMS key that seals what is handed on. */
  readonly kmsKey: string | undefined;
}

/** The choice, or what keeps it from working. Credentials in the step are handed on unasked, as earlier versions did. */
export function chooseCredentials(
  wanted: { readonly credentialsMode?: CredentialsMode | undefined; readonly kmsKey?: string | undefined },
  credentials: BitbucketCredentials | undefined,
): { choice: CredentialsChoice; problems: string[] } {
  const mode = wanted.credentialsMode ?? (credentials === undefined ? "project" : "secret");
  const choice = { mode, asked: wanted.credentialsMode !== undefined, kmsKey: wanted.kmsKey };
  const problem = modeProblem(mode, credentials);
  return { choice, problems: problem === undefined ? [] : [problem] };
}

function modeProblem(
  mode: CredentialsMode,
  credentials: BitbucketCredentials | undefined,
): string | undefined {
  const cannot = `Cannot use --credentials or RUNNER_CREDENTIALS with «${mode}»`;
  if (mode !== "project" && credentials === undefined) {
    return `${cannot}: the step has no Bitbucket credentials; set them as secured variables of the repository, or use ` +
      "«project», where the CodeBuild project has them";
  }
  if (mode !== "token" || credentials?.kind === "oauth") return undefined;
  return `${cannot}: only an OAuth consumer can get tokens that are short-lived, and the step has an ${credentials?.kind}; ` +
    "use «runner», which hands on no credentials at all";
}

/** The mode in words, for the log; «secret» unasked is a warning, which names what is safer. */
export function choiceLine(
  { mode, asked, kmsKey }: CredentialsChoice,
  runners = 1,
): { warning: boolean; line: string } {
  const sealed = kmsKey === undefined ? "" : `, sealed with KMS key ${kmsKey}`;
  const lines: Readonly<Record<CredentialsMode, string>> = {
    secret: `the step's own are handed on to the build${sealed}`,
    token: `an access token made for this build is handed on${sealed}`,
    project: "those of the CodeBuild project, nothing is handed on",
    runner: runners === 1
      ? `the runner is registered here, and its identity alone handed on${sealed}`
      : `${runners} runners are registered here, and their identities alone handed on${sealed}`,
  };
  const line = `Credentials (${mode}): ${lines[mode]}`;
  if (mode !== "secret" || asked || kmsKey !== undefined) return { warning: false, line };
  return {
    warning: true,
    line:
      `${line}, where whoever may look at the build in AWS can read them: set --credentials to «runner», «token» ` +
      "or «project», or to «secret» to go on like this, or seal them with --kms-key",
  };
}

/** How long Bitbucket's access tokens live, in minutes. Source: Bitbucket staff, developer community t/22136. */
const TOKEN_MINUTES = 120;

/** What to say before a build that its token may not outlive; undefined where it is sure to. */
export function tokenWarning(
  { mode }: Pick<CredentialsChoice, "mode">,
  timeoutMinutes: number | undefined,
): string | undefined {
  if (mode !== "token" || (timeoutMinutes ?? Infinity) < TOKEN_MINUTES) return undefined;
  const lasts = timeoutMinutes === undefined ? "as long as the project allows" : `${timeoutMinutes} minutes`;
  return `The build's token lives about ${TOKEN_MINUTES} minutes, and the build may last ${lasts}: a runner that is still ` +
    "there then is removed by the next start; a shorter --timeout rules that out";
}
