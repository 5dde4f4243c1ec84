import { CREDENTIAL_VARIABLES } from "../../shared/settings/bitbucket_settings.ts";
import {
  HANDED_ON_VARIABLES,
  IDENTITY_VARIABLES,
  SEALED_VARIABLE,
  SET_VARIABLES,
} from "../../shared/settings/forwarded_variables.ts";
import { isGuarded } from "../../shared/settings/guarded_variables.ts";
import type { CredentialsMode } from "../options/credentials_mode.ts";
import type { Setup } from "./setup.ts";

const RELEASE_URL = "RUNNER_RELEASE_URL";

/** The variables that a pipeline may set in its build: those that start-runner sends in this mode, and the listed ones. */
export function allowedVariables(setup: Setup): string[] {
  const names = [
    ...SET_VARIABLES.filter((name) => name !== RELEASE_URL || mayNameMirror(setup)),
    ...HANDED_ON_VARIABLES,
    ...credentialVariables(setup),
    ...setup.ownVariables,
  ];
  return [...new Set(names)].filter((name) => !isGuarded(name));
}

/** The variables by which the build gets what it needs of Bitbucket; none in mode `project`. */
export function credentialVariables({ credentials, kmsKey }: Setup): readonly string[] {
  const forwarded = FORWARDED[credentials];
  return kmsKey === undefined || forwarded.length === 0 ? forwarded : [SEALED_VARIABLE];
}

const FORWARDED: Readonly<Record<CredentialsMode, readonly string[]>> = {
  secret: CREDENTIAL_VARIABLES,
  token: ["BITBUCKET_ACCESS_TOKEN"],
  project: [],
  runner: IDENTITY_VARIABLES,
};

/** The project's own buildspec takes the release from there, and runs it. */
function mayNameMirror({ customBuildspec, releaseUrl }: Setup): boolean {
  return customBuildspec === undefined || releaseUrl !== undefined;
}
