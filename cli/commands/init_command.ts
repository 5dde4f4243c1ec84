import { EXIT_CODES } from "../../shared/program/errors.ts";
import { init } from "../init/init.ts";
import { initOptions } from "../init/init_options.ts";
import { type Command, refuseProblems } from "./command.ts";

/** Sets up everything in AWS for one domain of trust, or prints what would. */
export const initCommand: Command = {
  name: "init",
  operands: [],
  options: initOptions,
  about:
    `Sets up what start-runner needs in AWS: identity provider, two roles with the least they need, secret, log
group and CodeBuild project. On a terminal it asks for what is not given. It shows what will be made, and
makes it with CloudFormation once somebody agrees, or with --apply.`,
  more: `Secrets:
  The credential for Bitbucket is never an option. It is read hidden from the terminal, or taken from
  BITBUCKET_ACCESS_TOKEN, from BITBUCKET_API_EMAIL and BITBUCKET_API_TOKEN, or from
  BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET. It goes into the secret's value alone.

Examples:
  start-runner init
  start-runner init --region eu-west-1 --account 123456789012 --existing-provider false --workspace acme \\
    --workspace-uuid 1b2c3d4e-0000-4000-8000-000000000000 \\
    --repositories 2b2c3d4e-0000-4000-8000-000000000000 --print terraform
`,
  async run(line, { host, log, signal }) {
    refuseProblems(line.problems, "init");
    await init({ host, log, signal, flags: line.flags });
    return EXIT_CODES.ok;
  },
};
