import assert from "node:assert/strict";
import type { RunnerLaunch } from "../../../agent/runner/runner.ts";
import { shellRunnerCommand, shellRunnerEnvironment } from "../../../agent/shell/shell_runner_command.ts";

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
const JAVA = { file: "/jvm/17/bin/java", home: "/jvm/17", foundBy: "/jvm" };

const STARTS: readonly { text: string; executable: boolean; start: string[] }[] = [
  { text: "#!/bin/bash\n", executable: true, start: ["/start.sh"] },
  { text: "#!/bin/bash\n", executable: false, start: ["/bin/bash", "/start.sh"] },
  { text: "#! /usr/bin/env bash\necho", executable: false, start: ["/usr/bin/env", "bash", "/start.sh"] },
  { text: "echo", executable: false, start: ["/bin/sh", "/start.sh"] },
];

for (const { text, executable, start } of STARTS) {
  Deno.test(`\`shellRunnerCommand()\` begins with ${start.join(" ")}, and gives all by flags`, () => {
    assert.deepEqual(shellRunnerCommand({ path: "/start.sh", text, executable }, LAUNCH), [
      ...start,
      ...["--accountUuid", "{w}", "--repositoryUuid", "{r}", "--runnerUuid", "{u}"],
      ...["--OAuthClientId", "id", "--OAuthClientSecret", "secret"],
      ...["--runtime", "linux-shell", "--workingDirectory", "/work"],
    ]);
  });
}

Deno.test("`shellRunnerEnvironment()` puts the chosen Java first and `retry` last, without anything of the agent's", () => {
  const env = {
    PATH: "/bin",
    JAVA_HOME: "/old",
    BITBUCKET_ACCESS_TOKEN: "t",
    RUNNER_HOME: "/runner",
    HTTPS_PROXY: "http://p:1",
    X: "y",
  };
  assert.deepEqual(shellRunnerEnvironment(env, { java: JAVA, lastFolder: "/runner/tools" }), {
    PATH: "/jvm/17/bin:/bin:/runner/tools",
    JAVA_HOME: "/jvm/17",
    HTTPS_PROXY: "http://p:1",
    X: "y",
    JAVA_TOOL_OPTIONS: "-Dhttps.proxyHost=p -Dhttps.proxyPort=1 -Dhttp.nonProxyHosts=localhost|127.*|[::1]",
  });
});

Deno.test("`shellRunnerEnvironment()` leaves a PATH that leads to the chosen Java as it is", () => {
  const java = { ...JAVA, foundBy: "PATH", home: undefined };
  const env = { PATH: "/a:/jvm/17/bin", JAVA_HOME: "/old" };
  assert.deepEqual(shellRunnerEnvironment(env, { java, lastFolder: undefined }), { PATH: "/a:/jvm/17/bin" });
});

Deno.test("`shellRunnerEnvironment()` takes the LD_LIBRARY_PATH that it is given, else the build's", () => {
  const env = { PATH: "/bin", LD_LIBRARY_PATH: "/lib/mine" };
  const tools = { java: JAVA, lastFolder: undefined };
  assert.equal(shellRunnerEnvironment(env, tools)["LD_LIBRARY_PATH"], "/lib/mine");
  const libraryPath = "/jvm/17/lib/server:/lib/mine";
  assert.equal(shellRunnerEnvironment(env, { ...tools, libraryPath })["LD_LIBRARY_PATH"], libraryPath);
});
