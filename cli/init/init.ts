import type { AwsOptions } from "../../shared/aws/aws_client.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import {
  ConfigurationError,
  CredentialsError,
  EXIT_CODES,
  ProgramError,
} from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { writeLine, writePage } from "../../shared/output/write_line.ts";
import { readSettings } from "../../shared/settings/settings.ts";
import { RUNNER_TYPES } from "../../shared/settings/runner_type.ts";
import { type GeneralContext, generalHint } from "../aws/hints.ts";
import { awsCli } from "../templates/aws_cli.ts";
import { cloudFormation } from "../templates/cloudformation.ts";
import { hasSecret, type Installation, USUAL } from "../templates/installation.ts";
import { architectureOf, installationProblems } from "../templates/installation_problems.ts";
import { nextSteps, planLines } from "../templates/plan_lines.ts";
import { samplePipeline } from "../templates/sample_pipeline.ts";
import { terraform } from "../templates/terraform.ts";
import { yamlText } from "../templates/yaml_text.ts";
import { findAccount } from "./account.ts";
import { agreed, type Asking, askMissing } from "./ask.ts";
import { type CredentialValues, credentialValues } from "./credential_values.ts";
import { FORMS, initSettings, type InitValues } from "./init_options.ts";
import { installationFrom, stackNameOf } from "./installation_from.ts";
import { writeNewFile } from "./write_new_file.ts";

/** What `init` is run with. */
export interface InitContext {
  readonly host: Host;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly flags: Readonly<Record<string, string>>;
}

const HINT = "start-runner init --help lists every option and variable";

/** Asks what is not given, shows what will be made, and prints it or makes it. Rejects with `ProgramError`. */
export async function init(context: InitContext): Promise<void> {
  const { host, log, signal } = context;
  const asking = host.readLine && { host, log, readLine: host.readLine, signal };
  if (context.flags["print"] === "pipeline") return printSample(context);
  const values = await completeValues(context, asking);
  const options: AwsOptions = { host, region: values.region, timeoutMs: values.apiTimeoutS * 1000 };
  try {
    const found = await findAccount(values, { options, log, signal });
    const installation = installationFrom(values, found, host.env);
    refuse(installationProblems(installation));
    if (values.print !== undefined) {
      return writePage(host.stdout, PRINTED[values.print](installation));
    }
    for (const line of planLines(installation)) writeLine(host.stdout, line, log.redactor);
    if (!values.apply && !await wanted(asking, context)) return;
    await make(values, installation, { ...context, options, asking });
  } catch (error) {
    throw error instanceof AwsCallError
      ? initFailure(error, { region: values.region, profile: host.env["AWS_PROFILE"], inPipeline: false })
      : error;
  }
}

/** What is asked where somebody sits at a terminal; everything else has a flag and a default. */
const QUESTIONS = {
  region: "AWS region",
  project: "Name of the CodeBuild project",
  workspace: "Bitbucket workspace, as in https://bitbucket.org/WORKSPACE",
  workspaceUuid: "UUID of the workspace (a repository's settings, OpenID Connect)",
  repositories: "UUIDs of the repositories that may start runners, comma-separated",
  credentials:
    "Bitbucket credentials in the CodeBuild project (project), or in the pipelines (runner, token, secret)",
} as const satisfies Partial<Record<keyof InitValues, string>>;

/** The sample depends on nothing that has to be asked for. */
function printSample({ host, flags }: InitContext): void {
  const { values, problems } = readSettings(withoutRequired(), flags, host.env);
  refuse(problems);
  const given = values as Partial<InitValues>;
  writePage(
    host.stdout,
    sampleOf({
      runnerTypes: given.runnerTypes ?? RUNNER_TYPES,
      image: given.image ?? USUAL.image,
      environmentType: given.environmentType ?? USUAL.environmentType,
    }),
  );
}

async function completeValues(context: InitContext, asking: Asking | undefined): Promise<InitValues> {
  const { flags, host: { env } } = context;
  refuse(readSettings(withoutRequired(), flags, env).problems);
  const complete = asking === undefined
    ? flags
    : await askMissing(initSettings, QUESTIONS, { flags, env }, asking);
  const { values, problems } = readSettings(initSettings, complete, env);
  refuse(problems);
  return values;
}

/** Typing errors are said before anything is asked. */
function withoutRequired() {
  return Object.fromEntries(
    Object.entries(initSettings).map(([key, setting]) => {
      const { required: _, ...rest } = { required: undefined, ...setting };
      return [key, rest];
    }),
  );
}

const PRINTED: Readonly<Record<typeof FORMS[number], (installation: Installation) => string>> = {
  "cloudformation": (installation) => yamlText(cloudFormation(installation)),
  "terraform": terraform,
  "aws-cli": awsCli,
  "pipeline": sampleOf,
};

function sampleOf(installation: Pick<Installation, "runnerTypes" | "image" | "environmentType">): string {
  return samplePipeline(installation.runnerTypes[0] ?? "shell", architectureOf(installation));
}

/** Whether somebody says that it is to be made; nobody to ask is a no. */
async function wanted(asking: Asking | undefined, { host, log }: InitContext): Promise<boolean> {
  if (asking !== undefined && await agreed("Make all this with CloudFormation now?", asking)) return true;
  const text = `Nothing was made: --apply makes it, --print ${FORMS.slice(0, -1).join("|")} shows it in full`;
  writeLine(host.stdout, text, log.redactor);
  return false;
}

async function make(
  values: InitValues,
  installation: Installation,
  context: InitContext & { readonly options: AwsOptions; readonly asking: Asking | undefined },
): Promise<void> {
  const { host, log, asking } = context;
  const secret = hasSecret(installation) ? await credentialValues(installation, host.env, asking) : undefined;
  const { applyStack } = await import("./apply_stack.ts");
  await applyStack(stackNameOf(values), installation, context);
  const unset = await setSecret(secret, installation, context);
  const written = await writeNewFile(values.pipeline, sampleOf(installation));
  log.info(`${values.pipeline}: ${written ? "a sample was written" : "there already, left as it is"}`);
  for (const line of nextSteps(installation, secret !== undefined && unset === undefined)) {
    writeLine(host.stdout, line, log.redactor);
  }
  if (unset !== undefined) throw unset;
}

/** What keeps the secret from having its value: everything else is made by then, and can be told. */
async function setSecret(
  value: CredentialValues | undefined,
  { secret }: Installation,
  { log, options, signal }: InitContext & { readonly options: AwsOptions },
): Promise<AwsCallError | undefined> {
  if (value === undefined) return undefined;
  const { putSecretValue } = await import("../../shared/aws/aws_secrets.ts");
  try {
    await putSecretValue(options, { name: secret, value: JSON.stringify(value) }, signal);
    log.info(`Secret ${secret} has its value`);
    return undefined;
  } catch (error) {
    if (error instanceof AwsCallError) return error;
    throw error;
  }
}

function initFailure(error: AwsCallError, context: GeneralContext): ProgramError {
  const options = { hint: hintFor(error, context), cause: error };
  return ["refused", "expired"].includes(error.kind)
    ? new CredentialsError(error.message, options)
    : new ProgramError(error.message, EXIT_CODES.failed, options);
}

function hintFor(error: AwsCallError, context: GeneralContext): string {
  if (error.code === "CredentialsProviderError" && !context.profile) {
    return "give AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID and so on); --print does without if --account and " +
      "--existing-provider are given";
  }
  if (error.call === "PutSecretValue") return "all else is made: put the value in by hand, as said above";
  const general = generalHint(error, context);
  if (general !== undefined) return general;
  return error.kind === "refused"
    ? "it takes somebody who may make roles: use credentials of an administrator, or give one what --print prints"
    : "look at the stack in CloudFormation: one that could not be made has to be deleted first, and one that is being " +
      "changed to be waited for";
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigurationError(problems, { hint: HINT });
}
