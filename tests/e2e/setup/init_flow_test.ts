import assert from "node:assert/strict";
import { stepsOf } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import { stepVariables } from "../../../scripts/local_cloud/step_variables.ts";
import { flowEnded, QUICK } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { needing } from "../../fixtures/needing.ts";
import { runProcess } from "../../fixtures/programs/start_runner.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

Deno.test(
  needing(
    NEEDED_TOOLS,
    "The sample of init runs green with what init has made, and with the variables it names",
  ),
  async () => {
    await withFlowWorld({}, async ({ cloud, bin }) => {
      await withTemporaryFolder(async (folder) => {
        const { workspace, repositories: [repository] } = cloud.bitbucket.settings;
        const { code, stdout, stderr } = await runProcess(cloud.env, [
          ...["init", "--apply", "--project", "made-by-init", "--pipeline", `${folder}/sample.yml`],
          ...[
            "--workspace",
            workspace.slug,
            "--workspace-uuid",
            workspace.uuid,
            "--repositories",
            repository?.uuid ?? "",
          ],
        ]);
        assert.equal(code, 0, stderr);
        const variables = {
          ...stepVariables(cloud, bin),
          ...QUICK,
          ...Object.fromEntries(
            [...stdout.matchAll(/^ {2}([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
          ),
        };
        const sample = await Deno.readTextFile(`${folder}/sample.yml`);
        const pipeline = cloud.bitbucket.startPipeline(sample, { variables });
        await flowEnded(cloud, pipeline);
        assert.equal(pipeline.result, "SUCCESSFUL", flowLog(cloud, pipeline));
        assert.equal(cloud.codeBuild.builds[0]?.project.name, "made-by-init");
        assert.deepEqual(stepsOf(pipeline).map(({ runnerUuid }) => runnerUuid !== undefined), [false, true]);
      });
    });
  },
);
