import { SESSION_ACTIONS } from "../../shared/output/held_build.ts";
import { credentialVariables } from "./allowed_variables.ts";
import { contextConditions } from "./encryption_context.ts";
import { type Allowed, allowing, type PolicyDocument } from "./policy_document.ts";
import { logGroupArn, projectArn, secretArn, type Setup } from "./setup.ts";

/** What a build may do, and with it every step on a shell runner. */
export function serviceRolePermissions(setup: Setup): PolicyDocument {
  return allowing(
    writeLog(setup),
    ...readSecret(setup),
    ...open(setup),
    ...lookAtBuilds(setup),
    ...openSessions(setup),
  );
}

/**
 * Of this project's group, not of the build's stream alone: a stream is called after the build's UUID, which
 * `${codebuild:buildArn}` holds but does not give by itself.
 */
function writeLog(setup: Setup): Allowed {
  const group = logGroupArn(setup);
  return {
    Sid: "WriteTheLog",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: [group, `${group}:*`],
  };
}

function readSecret(setup: Setup): Allowed[] {
  if (setup.credentials !== "project") return [];
  return [{ Sid: "ReadTheCredential", Action: "secretsmanager:GetSecretValue", Resource: secretArn(setup) }];
}

function open(setup: Setup): Allowed[] {
  if (setup.kmsKey === undefined || credentialVariables(setup).length === 0) return [];
  return [{
    Sid: "OpenWhatIsSealed",
    Action: "kms:Decrypt",
    Resource: setup.kmsKey,
    Condition: contextConditions(setup),
  }];
}

/** The channels of a session are named by nothing that a policy could tell apart. Source: CodeBuild's guide. */
function openSessions({ debug }: Setup): Allowed[] {
  return debug ? [{ Sid: "BeLookedInto", Action: SESSION_ACTIONS, Resource: "*" }] : [];
}

/**
 * Lets the agent remove a dead build's runner at once instead of when it is old enough. Whoever may look at builds
 * reads their variables: not where a credential is among them, sealed or not, since this role opens it too.
 */
function lookAtBuilds(setup: Setup): Allowed[] {
  if (credentialVariables(setup).length > 0) return [];
  return [{ Sid: "KnowDeadBuilds", Action: "codebuild:BatchGetBuilds", Resource: projectArn(setup) }];
}
