import { quoted } from "./pipelines/step_script.ts";

/** Lines for a shell, each of which exports a variable; `bin`, the folder of start-runner, goes in front of its PATH. */
export function exportLines(env: Readonly<Record<string, string>>, bin: string): string[] {
  const { PATH: _path, ...variables } = env;
  return [
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${word(value)}`),
    `export PATH=${word(bin)}:"$PATH"`,
  ];
}

/** How a second shell reaches a local cloud that serves at `url`. All of it may be read by that shell: the rest is comments. */
export function shellUsage(exports: readonly string[], url: string): string {
  return [
    `# The local cloud serves at ${url} until Ctrl-C. To use it from a second shell:`,
    "",
    ...exports.map((line) => `  ${line}`),
    "",
    "# With these, that shell is a step of a pipeline that goes on as long as the cloud does: run start-runner in it.",
    "# Its OIDC token is good for twelve hours. To use the AWS keys in its place:",
    "#   unset BITBUCKET_STEP_OIDC_TOKEN AWS_ROLE_ARN",
    "# To run a pipeline file; start-runner is on the PATH of its steps:",
    "#   curl -X POST -u 'dev@example.com:local-cloud-api-token' -H 'Content-Type: application/yaml' \\",
    `#     --data-binary @bitbucket-pipelines.yml ${url}/2.0/repositories/acme/demo/pipelines`,
    "",
  ].join("\n");
}

function word(text: string): string {
  return /^[\w.,:/@%+=-]+$/.test(text) ? text : quoted(text);
}
