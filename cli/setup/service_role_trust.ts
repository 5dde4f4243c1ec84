import { allowing, type PolicyDocument } from "./policy_document.ts";
import { projectArn, type Setup } from "./setup.ts";

/** Who may assume the builds' role: CodeBuild, and for this project alone. Source: its guide, «confused deputy». */
export function serviceRoleTrust(setup: Setup): PolicyDocument {
  return allowing({
    Sid: "BuildsOfThisProject",
    Principal: { Service: "codebuild.amazonaws.com" },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "aws:SourceArn": projectArn(setup), "aws:SourceAccount": setup.account } },
  });
}
