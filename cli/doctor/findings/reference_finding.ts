import type { Project } from "../../../shared/aws/aws_codebuild.ts";
import { shellWord } from "../../../shared/output/shell_word.ts";
import { type Answer, unanswered } from "../answer.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

/** A variable of the build that CodeBuild fetches from Secrets Manager or Parameter Store before the build begins. */
export interface Reference {
  readonly variable: string;
  readonly store: "SECRETS_MANAGER" | "PARAMETER_STORE";
  /** The secret's or the parameter's name or ARN. */
  readonly id: string;
}

/** What CodeBuild has to fetch for the build, of the project and of `CODEBUILD_SECRET_…` and `CODEBUILD_SSM_…`. */
export function referencesOf(config: DoctorConfig, project: Project | undefined): Reference[] {
  const own = project?.environment?.environmentVariables ?? [];
  return [...own, ...config.variables].flatMap(({ name = "", value = "", type }): Reference[] => {
    if (type === "PARAMETER_STORE") return [{ variable: name, store: type, id: value }];
    return type === "SECRETS_MANAGER" ? [{ variable: name, store: type, id: secretId(value) }] : [];
  });
}

/** Whether what a variable refers to is there; `exists` is what Secrets Manager says. */
export function referenceFinding(
  { variable, store, id }: Reference,
  exists: Answer<boolean> | undefined,
  { region }: DoctorConfig,
): Finding {
  const detail = `${variable} refers to «${id}»`;
  if (store === "PARAMETER_STORE") {
    const see = `aws ssm describe-parameters --region ${region} --parameter-filters ${
      shellWord(`Key=Name,Values=${id}`)
    }`;
    return unknown("secret", `${detail} of Parameter Store`, `see that it is there: ${see}`);
  }
  const see = `aws secretsmanager describe-secret --region ${region} --secret-id ${shellWord(id)}`;
  if (exists === undefined) return unknown("secret", detail, `see that it is there: ${see}`);
  if ("error" in exists) {
    const { detail: why, remedy } = unanswered("secret", exists.error, "secretsmanager:DescribeSecret", see);
    return unknown("secret", `${detail}; ${why}`, remedy);
  }
  return exists.value ? ok("secret", `${detail}, which exists`) : fail(
    "secret",
    `${detail}, and Secrets Manager has no such secret in ${region}: CodeBuild ends the build before it begins`,
    "make the secret, or correct its name in the project's environment variables",
  );
}

/** Source: buildspec reference, «name[:json-key[:version-stage[:version-id]]]», and the same after an ARN. */
function secretId(value: string): string {
  const parts = value.split(":");
  return (value.startsWith("arn:") ? parts.slice(0, 7) : parts.slice(0, 1)).join(":");
}
