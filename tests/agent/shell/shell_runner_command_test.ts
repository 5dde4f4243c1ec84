import assert from "node:assert/strict";
import type { Java } from "../../../agent/shell/java.ts";
import type { RunnerLaunch } from "../../../agent/runner/runner.ts";
import {
  shellRunnerCommand,
  shellRunnerEnvironment,
  takesSecretsFromEnvironment,
} from "../../../agent/shell/shell_runner_command.ts";

const LAUNCH: RunnerLaunch = {
  runnerName: "codebuild-x",
  runnerUuid: "{u}",
  workspaceUuid: "{w}",
  repositoryUuid: "{r}",
  oauthClientId: "id",
  oauthClientSecret: "secret",
  workingDirectory: "/work",
  logFile: "/log",
};
const JAVA: Java = { file: "/jvm/17/bin/java", home: "/jvm/17", majorVersion: 17, foundBy: "/jvm" };

const STARTS: readonly { text: string; executable: boolean; start: string[] }[] = [
  { text: "#!/bin/bash\n", executable: true, start: ["/start.sh"] },
  { text: "#!/bin/bash\n", executable: false, start: ["/bin/bash", "/start.sh"] },
  { text: "#! /usr/bin/env bash\necho", executable: false, start: ["/usr/bin/env", "bash", "/start.sh"] },
  { text: "echo", executable: false, start: ["/bin/sh", "/start.sh"] },
];

for (const { text, executable, start } of STARTS) {
  Deno.test(`\`shellRunnerCommand()\` begins with ${start.join(" ")}`, () => {
    const command = { script: "/start.sh", executable, launch: LAUNCH, secretsByEnvironment: true };
    assert.deepEqual(shellRunnerCommand(text, command).slice(0, start.length + 1), [
      ...start,
      "--accountUuid",
    ]);
  });
}

Deno.test("`takesSecretsFromEnvironment()` goes by the name of the variable", () => {
  assert.equal(takesSecretsFromEnvironment('SECRET="${OAUTH_CLIENT_SECRET:-}"'), true);
  assert.equal(takesSecretsFromEnvironment("case $1 in --OAuthClientSecret) shift ;; esac"), false);
});

Deno.test("`shellRunnerEnvironment()` puts the chosen Java first, without the agent's credentials", () => {
  const env = {
    PATH: "/bin",
    JAVA_HOME: "/old",
    BITBUCKET_ACCESS_TOKEN: "t",
    HTTPS_PROXY: "http://p:1",
    X: "y",
  };
  const given = shellRunnerEnvironment(env, { launch: LAUNCH, java: JAVA, secretsByEnvironment: true });
  assert.deepEqual(given, {
    PATH: "/jvm/17/bin:/bin",
    JAVA_HOME: "/jvm/17",
    HTTPS_PROXY: "http://p:1",
    X: "y",
    JAVA_TOOL_OPTIONS: "-Dhttps.proxyHost=p -Dhttps.proxyPort=1 -Dhttp.nonProxyHosts=localhost|127.*|[::1]",
    ACCOUNT_UUID: "{w}",
    REPOSITORY_UUID: "{r}",
    RUNNER_UUID: "{u}",
    RUNTIME: "linux-shell",
    WORKING_DIRECTORY: "/work",
    OAUTH_CLIENT_ID: "id",
    OAUTH_CLIENT_SECRET: "secret",
  });
});

Deno.test("`shellRunnerEnvironment()` leaves a PATH that leads to the chosen Java as it is", () => {
  const java: Java = { ...JAVA, foundBy: "PATH", home: undefined };
  const options = { launch: LAUNCH, java, secretsByEnvironment: false };
  const given = shellRunnerEnvironment({ PATH: "/a:/jvm/17/bin", JAVA_HOME: "/old" }, options);
  assert.equal(given.PATH, "/a:/jvm/17/bin");
  assert.equal("JAVA_HOME" in given, false);
  assert.equal("OAUTH_CLIENT_SECRET" in given, false);
});
