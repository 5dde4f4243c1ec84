import { contextConditions } from "./encryption_context.ts";
import { type Allowed, allowing, type PolicyDocument } from "./policy_document.ts";
import { fleetArn, hasFleet, logGroupArn, projectArn, type Setup } from "./setup.ts";
import { startConditions } from "./start_conditions.ts";

/** What start-runner's role may do: the calls that it makes, and on StartBuild only the overrides that it uses. */
export function startRolePermissions(setup: Setup): PolicyDocument {
  return allowing(
    {
      Sid: "StartWithKnownOverrides",
      Action: "codebuild:StartBuild",
      Resource: projectArn(setup),
      Condition: startConditions(setup),
    },
    {
      Sid: "FollowAndStop",
      Action: ["codebuild:BatchGetBuilds", "codebuild:StopBuild", "codebuild:ListBuildsForProject"],
      Resource: projectArn(setup),
    },
    {
      Sid: "ReadTheEndOfTheLog",
      Action: "logs:GetLogEvents",
      Resource: `${logGroupArn(setup)}:log-stream:*`,
    },
    ...fleetLook(setup),
    ...sealing(setup),
  );
}

/** For a fleet's name in place of its ARN, and for hints; StartBuild takes no right on the fleet. Source: service authorization reference. */
function fleetLook(setup: Setup): Allowed[] {
  return hasFleet(setup)
    ? [{ Sid: "LookAtTheFleet", Action: "codebuild:BatchGetFleets", Resource: fleetArn(setup) }]
    : [];
}

function sealing(setup: Setup): Allowed[] {
  if (setup.kmsKey === undefined || setup.credentials === "project") return [];
  return [{
    Sid: "Seal",
    Action: "kms:Encrypt",
    Resource: setup.kmsKey,
    Condition: contextConditions(setup),
  }];
}
