import type { Condition } from "./policy_document.ts";
import { inBraces, type Setup } from "./setup.ts";

/** What binds a sealed value to its build: Bitbucket's UUIDs in braces. The names are those of the sealing itself. */
export const CONTEXT_KEYS = ["workspace", "repository", "pipeline"] as const;

/** Conditions under which a key may be used: exactly these three names, of this workspace and these repositories. */
export function contextConditions(setup: Setup): Condition {
  return {
    StringEquals: {
      [value("workspace")]: inBraces(setup.workspaceUuid),
      [value("repository")]: setup.repositories.map(({ uuid }) => inBraces(uuid)),
    },
    // True for a missing context as well, which the other two rule out.
    "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": CONTEXT_KEYS },
    Null: { [value("pipeline")]: "false" },
  };
}

function value(key: typeof CONTEXT_KEYS[number]): string {
  return `kms:EncryptionContext:${key}`;
}
