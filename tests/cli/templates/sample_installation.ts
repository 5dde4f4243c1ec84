import { type Installation, USUAL } from "../../../cli/templates/installation.ts";
import { SETUP } from "../setup/sample_setup.ts";

/** Everything there is to make, for the setup of the policies' tests. */
export const INSTALLATION: Installation = {
  ...SETUP,
  ...USUAL,
  providerExists: false,
  secretKind: "consumer",
  dashboard: true,
};

/** One installation for each thing that a template may have or not have. */
export const VARIANTS: Readonly<Record<string, Installation>> = {
  "everything": INSTALLATION,
  "an identity provider that is there": { ...INSTALLATION, providerExists: true },
  "the credential in the pipelines": { ...INSTALLATION, credentials: "runner" },
  "shell runners on ARM alone, without a dashboard": {
    ...INSTALLATION,
    runnerTypes: ["shell"],
    environmentType: "ARM_CONTAINER",
    image: "aws/codebuild/amazonlinux-aarch64-standard:3.0",
    dashboard: false,
  },
  "several repositories and variables": {
    ...INSTALLATION,
    repositories: [...SETUP.repositories, {
      uuid: "{22222222-0000-4000-8000-000000000000}",
      environment: "{3}",
    }],
    ownVariables: ["NODE_ENV", "CACHE_BUCKET"],
    secretKind: "api-token",
  },
};
