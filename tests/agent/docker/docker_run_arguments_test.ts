import assert from "node:assert/strict";
import { dockerRunArguments, runnerContainer } from "../../../agent/docker/docker_run_arguments.ts";
import { docker } from "../../../agent/docker/docker_command.ts";
import type { RunnerLaunch } from "../../../agent/runner/runner.ts";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const LAUNCH: RunnerLaunch = {
  runnerName: "codebuild-app-1",
  runnerUuid: "{u}",
  workspaceUuid: "{w}",
  repositoryUuid: "{r}",
  oauthClientId: "the-id",
  oauthClientSecret: "the-secret",
  workingDirectory: "/codebuild/work",
  logFile: "/log",
};
const RUN = { launch: LAUNCH, image: "image:1", env: {}, dockerRoot: "/var/lib/docker" };

Deno.test("`dockerRunArguments()` starts the runner as Atlassian's page says, its values on stdin", () => {
  const { args, input } = dockerRunArguments(RUN);
  assert.equal(
    args.join(" "),
    "run --detach --name codebuild-app-1 --label aws-bitbucket-runner={u} --log-driver json-file --log-opt max-size=1000p " +
      "--volume /codebuild/work:/codebuild/work --volume /tmp:/tmp " +
      "--volume /var/run/docker.sock:/var/run/docker.sock " +
      "--volume /var/lib/docker/containers:/var/lib/docker/containers:ro --env-file /dev/stdin image:1",
  );
  assert.equal(
    input,
    "ACCOUNT_UUID={w}\nREPOSITORY_UUID={r}\nRUNNER_UUID={u}\nOAUTH_CLIENT_ID=the-id\nOAUTH_CLIENT_SECRET=the-secret\n" +
      "RUNTIME_PREREQUISITES_ENABLED=true\nWORKING_DIRECTORY=/codebuild/work\n",
  );
});

Deno.test({
  ...needing(["docker"], "a docker client gives the container what is on stdin, and shows none of it"),
  fn: async () => {
    await withTemporaryFolder(async (folder) => {
      const secret = ` #"the ' $ecret\\ = é鍵 `;
      const { args, input } = dockerRunArguments({
        ...RUN,
        launch: { ...LAUNCH, oauthClientSecret: secret },
      });
      await using daemon = serveDocker(`${folder}/docker.sock`);
      const DOCKER_HOST = `unix://${folder}/docker.sock`;
      const env = {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: folder,
        DOCKER_HOST,
        OAUTH_CLIENT_ID: "of the build",
      };
      const result = await docker({ env }, args, { input });
      assert.equal(result.exitCode, 0, result.stderr);
      const container = daemon.created();
      assert.ok(container.Env.includes(`OAUTH_CLIENT_SECRET=${secret}`), container.Env.join("\n"));
      assert.ok(container.Env.includes("OAUTH_CLIENT_ID=the-id"));
      assert.equal(container.Image, "image:1");
      assert.deepEqual([...args, ...Object.values(env)].filter((text) => text.includes("$ecret")), []);
    });
  },
});

/** A daemon that takes what it is asked for, and starts nothing. */
function serveDocker(path: string) {
  let body: { Env: string[]; Image: string } | undefined;
  const server = Deno.serve({ path, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/containers/create")) {
      body = await request.json();
      return Response.json({ Id: "c1", Warnings: [] }, { status: 201 });
    }
    const headers = { "api-version": "1.41", "ostype": "linux" };
    return new Response(pathname.endsWith("/start") ? null : "OK", {
      headers,
      status: pathname.endsWith("/start") ? 204 : 200,
    });
  });
  return {
    created() {
      assert.ok(body);
      return body;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("`dockerRunArguments()` refuses a value that would begin another variable", () => {
  const launch = { ...LAUNCH, oauthClientSecret: "a\nRUNTIME=x" };
  assert.throws(() => dockerRunArguments({ ...RUN, launch }), {
    name: "RunnerError",
    message: "Cannot start the runner: its OAUTH_CLIENT_SECRET has more than one line",
  });
});

Deno.test("`dockerRunArguments()` passes on what the build sets of the runner's own variables", () => {
  const env = {
    HTTPS_PROXY: "p",
    no_proxy: "n",
    HTTP_PROXY: "",
    PAUSE_IMAGE: "i",
    BITBUCKET_ACCESS_TOKEN: "t",
  };
  const { args } = dockerRunArguments({ ...RUN, env });
  const names = args.filter((_, index) => args[index - 1] === "--env");
  assert.deepEqual(names, ["HTTPS_PROXY", "no_proxy", "PAUSE_IMAGE"]);
});

Deno.test("`dockerRunArguments()` mounts a working directory below /tmp once, and the socket and folder in use", () => {
  const env = { DOCKER_HOST: "unix:///run/user/1/docker.sock" };
  for (const workingDirectory of ["/tmp", "/tmp/", "/tmp/work"]) {
    const launch = { ...LAUNCH, workingDirectory };
    const { args } = dockerRunArguments({ ...RUN, launch, env, dockerRoot: "/data" });
    assert.deepEqual(args.filter((_, index) => args[index - 1] === "--volume"), [
      "/tmp:/tmp",
      "/run/user/1/docker.sock:/var/run/docker.sock",
      "/data/containers:/var/lib/docker/containers:ro",
    ]);
  }
});

Deno.test("`runnerContainer()` keeps to the characters that Docker allows", () => {
  assert.equal(runnerContainer("codebuild-My_App.2-1a2b"), "codebuild-My_App.2-1a2b");
  assert.equal(runnerContainer("codebuild-x:1 {2}"), "codebuild-x-1--2-");
});
