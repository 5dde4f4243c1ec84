import { VERSION, versionLine } from "../../shared/program/version.ts";
import { type CommandWords, optionsHelp } from "./command_line.ts";
import { jobOptions } from "./job_options.ts";
import { startOptions } from "./options.ts";

const INTRODUCTION =
  `Starts an AWS CodeBuild build that serves the following steps of a Bitbucket pipeline as a self-hosted
runner, and waits until that runner is online; for parallel steps with several (--runners, --machines).

Usage:
  start-runner [COMMAND] [options]
`;

const OVERVIEW = `Examples:
  start-runner --project bitbucket-runner --region eu-west-1 --compute-type large
  start-runner doctor --project bitbucket-runner --region eu-west-1
  start-runner logs last --follow

start-runner help COMMAND explains a command, start-runner help start all options, variables and exit codes
of a start.
`;

const EXAMPLES =
  `Most options are a flag and a variable; the flag goes first, then the variable, then the default.

Examples:
  start-runner --project bitbucket-runner --region eu-west-1 \\
    --role arn:aws:iam::123456789012:role/start-runner
  start-runner -p ci -r eu-west-1 --compute-type large --label gpu.tests --multi-step
  start-runner -p ci -r eu-west-1 --compute-type 2xlarge --runners 4
  start-runner -p ci -r eu-west-1 --machines 4
  start-runner -p ci -r eu-west-1 --image aws/codebuild/amazonlinux-aarch64-standard:3.0
  start-runner start --no-runner --buildspec nightly.yml --env TARGET=staging

  In bitbucket-pipelines.yml, the first step needs \`oidc: true\`:
    - step:
        name: Start runner
        image: ghcr.io/westito/aws-bitbucket-runner-shell:${VERSION}
        oidc: true
        script:
          - start-runner
    - step:
        name: Build
        runs-on: [self.hosted, linux.shell, codebuild]
        script:
          - make
`;

const CREDENTIALS = `Credentials, from narrow to wide:
  runner   start-runner registers the runner and hands on its identity alone, which can do nothing but
           serve this repository's steps; the build has no access to Bitbucket
  token    an access token of the OAuth consumer, made for this build, good for two hours
  project  nothing is handed on: the CodeBuild project has credentials of its own, as a reference to
           Secrets Manager (the default where the step has none)
  secret   the step's credentials (the default where it has some, with a warning)
`;

const ENVIRONMENT = `Environment:
  BITBUCKET_STEP_OIDC_TOKEN       set by \`oidc: true\`; without it the default AWS credential chain serves
  BITBUCKET_PIPELINE_UUID, BITBUCKET_REPO_UUID, BITBUCKET_REPO_OWNER_UUID
                                  set by Bitbucket Pipelines; elsewhere set PIPELINE_UUID, REPO_UUID
                                  and WORKSPACE_UUID
  BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET, or BITBUCKET_ACCESS_TOKEN, or
  BITBUCKET_API_EMAIL and BITBUCKET_API_TOKEN
                                  Bitbucket credentials; what the build gets of them is --credentials' choice
  CODEBUILD_ENV_NAME=value        sets NAME=value in the build
  CODEBUILD_SSM_NAME=/path        sets NAME to a parameter of Parameter Store
  CODEBUILD_SECRET_NAME=id[:key]  sets NAME to a secret of Secrets Manager
  BITBUCKET_POLL_INTERVAL, RUNNER_IDLE_TIMEOUT
                                  settings of the agent, handed on to the build
  API_TIMEOUT                     seconds one HTTP request may stay unanswered, 1-300 (default: 10)
  BITBUCKET_API_URL, BITBUCKET_OAUTH_TOKEN_URL, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS and so on
                                  other addresses of the platforms' APIs
  HTTPS_PROXY, NO_PROXY           honoured for every request

Exit codes:
  0    the runner is online
  1    an unforeseen failure
  2    bad configuration; every problem is listed
  3    AWS or Bitbucket refused the credentials
  4    the build could not be started
  5    the build ended before the runner was online
  6    timeout; the build was stopped
  130  interrupted by SIGINT; the build was stopped
  143  interrupted by SIGTERM; the build was stopped
`;

/** What `start-runner help` prints, given the commands there are: what fits on a screen. */
export function overview(commands: Readonly<Record<string, { readonly summary: string }>>): string {
  const names = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`);
  const list = `Commands:\n${names.join("\n")}\n`;
  return [versionLine("start-runner"), INTRODUCTION, list, OVERVIEW].join("\n");
}

/** What `start-runner start --help` prints: everything that a start can be given. */
export function startHelp(): string {
  const introduction = INTRODUCTION.replace("[COMMAND]", "[start]");
  const options = optionsHelp({ ...startOptions, ...jobOptions });
  return [introduction, EXAMPLES, options, CREDENTIALS, ENVIRONMENT].join("\n");
}

/** What `start-runner COMMAND --help` prints. */
export function commandHelp(
  command: CommandWords & { readonly about: string; readonly more?: string },
): string {
  const { name, operands, options, about, more } = command;
  const words = operands.map((one) => one.required ? one.name : `[${one.name}]`);
  const width = Math.max(...operands.map((one) => one.name.length), 0);
  return [
    `${about}\n`,
    `Usage:\n  ${["start-runner", name, ...words, "[options]"].join(" ")}\n`,
    ...(operands.length === 0 ? [] : [
      `Arguments:\n${operands.map((one) => `  ${one.name.padEnd(width)}  ${one.help}`).join("\n")}\n`,
    ]),
    optionsHelp(options),
    ...(more === undefined ? [] : [more]),
  ].join("\n");
}
