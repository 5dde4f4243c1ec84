import { quoted } from "./pipelines/step_script.ts";

/** Lines for a shell, each of which exports a variable; `bin`, the folder of start-runner, goes in front of its PATH. */
export function exportLines(env: Readonly<Record<string, string>>, bin: string): string[] {
  const { PATH: _path, ...variables } = env;
  return [
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    `export PATH=${quoted(bin)}:"$PATH"`,
  ];
}

/** How a second shell reaches a local cloud that serves. */
export function shellUsage(exports: readonly string[], url: string, file: string | undefined): string {
  const pipelines = `${url}/2.0/repositories/acme/demo/pipelines`;
  return [
    `The local cloud serves at ${url} until Ctrl-C. To use it from a second shell${
      file === undefined ? "" : `, or by: . ${quoted(file)}`
    }:`,
    "",
    ...exports.map((line) => `  ${line}`),
    "",
    "Then that shell is a step of a pipeline that goes on as long as the cloud does. Its OIDC token is good for twelve hours;",
    "to use the AWS keys in its place: unset BITBUCKET_STEP_OIDC_TOKEN AWS_ROLE_ARN",
    "",
    "  start-runner",
    "",
    "To run a pipeline file; start-runner is on the PATH of its steps:",
    "",
    `  curl -X POST -u 'dev@example.com:local-cloud-api-token' -H 'Content-Type: application/yaml' \\`,
    `    --data-binary @bitbucket-pipelines.yml ${pipelines}`,
    "",
  ].join("\n");
}
