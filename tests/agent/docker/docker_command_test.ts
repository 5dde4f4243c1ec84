import assert from "node:assert/strict";
import { docker, dockerProblem } from "../../../agent/docker/docker_command.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

const RESULT = { exitCode: 1, stdout: "", stderr: "", timedOut: false, startFailure: undefined };

const CASES: readonly { result: Partial<typeof RESULT>; problem: string }[] = [
  {
    result: { exitCode: 125, stderr: "docker: name is taken.\nSee 'docker run --help'.\n" },
    problem: "docker: name is taken.",
  },
  {
    result: { stderr: "docker: bad mount.\n\nRun 'docker run --help' for more information" },
    problem: "docker: bad mount.",
  },
  { result: { exitCode: 7 }, problem: "docker ended with 7" },
  { result: { timedOut: true }, problem: "docker gave no answer in time" },
];

for (const { result, problem } of CASES) {
  Deno.test(`\`dockerProblem()\` says «${problem}»`, () => {
    assert.equal(dockerProblem({ ...RESULT, ...result }), problem);
  });
}

Deno.test("`docker()` gives the client its input and the build's environment, without the agent's credentials", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeScript(`${folder}/docker`, 'echo "$* $DOCKER_HOST $(cat) <$BITBUCKET_API_TOKEN>"');
    const env = { PATH: `${folder}:/bin:/usr/bin`, DOCKER_HOST: "unix:///x", BITBUCKET_API_TOKEN: "secret" };
    const { stdout } = await docker({ env }, ["ps", "-a"], { input: "its input" });
    assert.equal(stdout, "ps -a unix:///x its input <>");
    const missing = await docker({ env: { PATH: "/nowhere" } }, ["ps"]);
    assert.equal(dockerProblem(missing), "the docker client cannot be started (ENOENT)");
  });
});
