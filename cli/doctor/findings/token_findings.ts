import { type TokenClaims, tokenClaims } from "../../../shared/aws/token_claims.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

const CHECK = "token";
const AUDIENCE = "ari:cloud:bitbucket::workspace/";

/** Whether the step has an OIDC token, and whether what it says fits this step; `now` in milliseconds since 1970. */
export function tokenFindings(config: DoctorConfig, now: number): Finding[] {
  const { oidcToken } = config;
  if (oidcToken === undefined) return [noToken(config)];
  const claims = tokenClaims(oidcToken);
  if (claims === undefined) {
    return [fail(CHECK, "BITBUCKET_STEP_OIDC_TOKEN is no JWT", "leave it to `oidc: true` to set it")];
  }
  const wrong = [
    issuerProblem(claims, config),
    audienceProblem(claims, config),
    subjectProblem(claims, config),
  ]
    .filter((one) => one !== undefined);
  return [...validity(claims, now), ...wrong, ...(wrong.length > 0 ? [] : [fitting(claims)])];
}

function noToken({ inPipeline, lacksToken, role }: DoctorConfig): Finding {
  if (!inPipeline) {
    return unknown(
      CHECK,
      "there is none outside a pipeline: the default AWS credentials are used, which may do more than the step's role",
      "run start-runner doctor as a step's script too",
    );
  }
  const detail = "the step has no OIDC token (BITBUCKET_STEP_OIDC_TOKEN)";
  const remedy = "add `oidc: true` to the step that runs start-runner";
  return lacksToken
    ? fail(CHECK, `${detail}, so ${role ?? "the role"} cannot be assumed`, remedy)
    : unknown(CHECK, `${detail}: the default AWS credentials are used`, remedy);
}

function validity({ expiresMs }: TokenClaims, now: number): Finding[] {
  if (expiresMs === undefined) return [];
  const minutes = Math.floor((expiresMs - now) / 60_000);
  if (minutes >= 0) return [ok(CHECK, `it is valid for ${minutes} minutes more`)];
  return [fail(CHECK, `it expired ${-minutes} minutes ago by this machine's clock`, "run the step again")];
}

function issuerProblem({ iss = "" }: TokenClaims, { workspace }: DoctorConfig): Finding | undefined {
  const slug = /\/workspaces\/([^/]{1,100})\/pipelines-config\/identity\/oidc$/.exec(iss)?.[1];
  if (slug === undefined) {
    return fail(
      CHECK,
      `its issuer is «${iss}», not Bitbucket Pipelines`,
      "leave BITBUCKET_STEP_OIDC_TOKEN to `oidc: true`",
    );
  }
  if (workspace === undefined || slug === workspace) return undefined;
  return fail(
    CHECK,
    `it was issued for workspace «${slug}», and this step is of «${workspace}»`,
    "the IAM identity provider's URL must hold the workspace's present slug; leave BITBUCKET_WORKSPACE to Bitbucket",
  );
}

/** A step may name audiences of its own; then only the identity provider knows whether they are right. */
function audienceProblem({ aud = "" }: TokenClaims, { workspaceUuid }: DoctorConfig): Finding | undefined {
  if (workspaceUuid === undefined || !aud.startsWith(AUDIENCE)) return undefined;
  const expected = AUDIENCE + workspaceUuid.replace(/[{}]/g, "");
  return aud === expected ? undefined : fail(
    CHECK,
    `its audience is ${aud}, and this workspace's is ${expected}`,
    "take `audiences` out of the step's `oidc`, or leave BITBUCKET_REPO_OWNER_UUID to Bitbucket",
  );
}

function subjectProblem({ sub = "" }: TokenClaims, { repositoryUuid }: DoctorConfig): Finding | undefined {
  if (repositoryUuid === undefined || sub.startsWith(`${repositoryUuid}:`)) return undefined;
  return fail(
    CHECK,
    `its subject is ${sub}, and this repository is ${repositoryUuid}`,
    "leave BITBUCKET_REPO_UUID to Bitbucket",
  );
}

function fitting({ iss, aud = "", sub }: TokenClaims): Finding {
  const own = aud.startsWith(AUDIENCE)
    ? undefined
    : "the audience is the step's own: the IAM identity provider and the role's trust policy must name it";
  return ok(CHECK, `it says iss ${iss}, aud ${aud}, sub ${sub}`, own);
}
