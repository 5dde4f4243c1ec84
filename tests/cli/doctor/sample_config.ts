import { type DoctorConfig, doctorConfig } from "../../../cli/doctor/doctor_config.ts";
import type { Finding } from "../../../cli/doctor/finding.ts";

/** The configuration of a step with these variables more, and without those that are empty. */
export function sampleConfig(more: Readonly<Record<string, string>> = {}): DoctorConfig {
  return doctorConfig({}, {
    CODEBUILD_PROJECT: "ci",
    AWS_REGION: "eu-west-1",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/start-runner",
    BITBUCKET_BUILD_NUMBER: "7",
    BITBUCKET_STEP_OIDC_TOKEN: "token",
    BITBUCKET_PIPELINE_UUID: "{11111111-1111-4111-8111-111111111111}",
    BITBUCKET_REPO_UUID: "{22222222-2222-4222-8222-222222222222}",
    BITBUCKET_REPO_OWNER_UUID: "{33333333-3333-4333-8333-333333333333}",
    BITBUCKET_WORKSPACE: "acme",
    ...more,
  }).config;
}

/** Findings in short, as in `FAIL size`. */
export function verdicts(findings: readonly Finding[]): string[] {
  return findings.map(({ check, verdict }) => `${verdict} ${check}`);
}
