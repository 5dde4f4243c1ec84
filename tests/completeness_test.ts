import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);
const ROOMS = ["agent", "cli", "shared"];

/** Shipped files without a test of their own name: the test that covers them, and why it is that one. */
const COVERED: readonly { readonly by: string; readonly why: string; readonly files: readonly string[] }[] = [
  {
    by: "tests/cli/pipelines/pipeline_findings_test.ts",
    why: "what is found in a file depends on all of them, and is tried by whole files",
    files: [
      "cli/pipelines/findings/finding.ts",
      "cli/pipelines/findings/kind_findings.ts",
      "cli/pipelines/findings/runner_supply.ts",
      "cli/pipelines/findings/started_runner.ts",
      "cli/pipelines/findings/step_waves.ts",
      "cli/pipelines/findings/steps_at_once.ts",
    ],
  },
  {
    by: "tests/cli/pipelines/pipelines_file_test.ts",
    why: "a file is read as a whole, from its text to its steps",
    files: [
      "cli/pipelines/pipeline_model.ts",
      "cli/pipelines/read_items.ts",
      "cli/pipelines/read_step.ts",
      "cli/pipelines/yaml_node.ts",
    ],
  },
  {
    by: "tests/cli/pipelines/shape_test.ts",
    why: "a table of keys is tried by files that break it",
    files: ["cli/pipelines/file_shapes.ts"],
  },
  {
    by: "tests/agent/life/lifecycle_property_test.ts",
    why: "the state and the events that change it are only seen through what is decided from them",
    files: [
      "agent/life/lifecycle_state.ts",
      "agent/life/step_events.ts",
      "agent/life/look_events.ts",
      "agent/life/pool_events.ts",
      "agent/life/failed_calls.ts",
      "agent/life/last_stages.ts",
    ],
  },
  {
    by: "tests/agent/program_test.ts",
    why: "phases and their loop are played as a process of their own, against a Bitbucket that answers",
    files: [
      "agent/main.ts",
      "agent/phases/post_build.ts",
      "agent/phases/build.ts",
    ],
  },
  {
    by: "tests/e2e/hold/debug_test.ts",
    why: "a build is held by the agent and CodeBuild together",
    files: ["agent/hold/hold_build.ts", "agent/hold/session_target.ts"],
  },
  {
    by: "tests/cli/wait/hold_watch_test.ts",
    why: "what is seen of a held build is seen in what a start makes of it",
    files: ["cli/start/leave_held.ts"],
  },
  {
    by: "tests/agent/phases/pre_build_test.ts",
    why: "how long it may go on and what it may remove is the phase's decision",
    files: ["agent/phases/sweep.ts", "shared/leftovers/sweep.ts"],
  },
  {
    by: "tests/agent/docker/docker_runner_test.ts",
    why: "what goes to and comes from the docker command is tried with a real daemon",
    files: ["agent/docker/docker_output.ts", "agent/phases/launch_runner.ts"],
  },
  {
    by: "tests/agent/docker/attach_docker_runner_test.ts",
    why: "what is known of containers is asked of a real daemon, also of one that hangs",
    files: [
      "agent/docker/container_events.ts",
      "agent/docker/container_pulse.ts",
      "agent/docker/step_containers.ts",
    ],
  },
  {
    by: "tests/agent/phases/failed_steps_test.ts",
    why: "what was learned on the way is only asked for there",
    files: ["agent/ask/step_results.ts"],
  },
  {
    by: "tests/agent/ask/ask_together_test.ts",
    why: "what an answer means for the others is seen in what they are told",
    files: ["agent/ask/meanings.ts"],
  },
  {
    by: "tests/agent/watch/runner_output_test.ts",
    why: "where the files are and when they change is seen in what is read of them",
    files: ["agent/watch/own_log.ts", "agent/watch/folder_alarm.ts"],
  },
  {
    by: "tests/agent/daemon/docker_daemon_test.ts",
    why: "the daemon's process and its image store are tried together, as a build finds them",
    files: [
      "agent/daemon/start_dockerd.ts",
      "agent/daemon/dockerd_process.ts",
      "agent/daemon/containerd_store.ts",
    ],
  },
  {
    by: "tests/agent/process/terminate_test.ts",
    why: "what is launched there is what is terminated",
    files: ["agent/process/launch_detached.ts"],
  },
  {
    by: "tests/cli/handover/handover_test.ts",
    why: "what each mode of credentials does is seen in what AWS and Bitbucket are asked for",
    files: [
      "cli/handover/registered_runner.ts",
      "cli/handover/registered_runners.ts",
      "cli/handover/beside_tidying.ts",
      "cli/handover/connect.ts",
    ],
  },
  {
    by: "tests/cli/handover/check_access_test.ts",
    why: "that AWS is connected to beside it is seen in what a start asks and waits for",
    files: ["cli/handover/reach_platforms.ts"],
  },
  {
    by: "tests/agent/program_test.ts",
    why: "that nobody calls a Bitbucket that is not there is seen in the phases",
    files: ["shared/bitbucket/absent_bitbucket.ts"],
  },
  {
    by: "tests/cli/wait/report_test.ts",
    why: "symptoms and phases are judged by the report they end up in",
    files: ["cli/wait/symptoms.ts", "cli/wait/build_progress.ts"],
  },
  {
    by: "tests/cli/progress/online_summary_test.ts",
    why: "what is known of a build is judged by what is said of it",
    files: ["cli/progress/ready_labels.ts", "cli/progress/build_variable.ts"],
  },
  {
    by: "tests/cli/wait/pace_test.ts",
    why: "both decide how long to wait or to last, in one table",
    files: ["cli/wait/look_pace.ts", "cli/aws/role_session.ts"],
  },
  {
    by: "tests/cli/request/build_request_test.ts",
    why: "they compute parts of the request",
    files: ["cli/options/build_variables.ts", "cli/options/build_image.ts"],
  },
  {
    by: "tests/cli/start/start_refusals_test.ts",
    why: "which hint a refusal gets is seen where it is shown",
    files: ["cli/aws/hints.ts", "cli/aws/sts_refusal.ts"],
  },
  {
    by: "tests/cli/options/help_test.ts",
    why: "what a command is called and takes is what its help shows",
    files: ["cli/commands/help_command.ts", "cli/commands/buildspec_command.ts", "cli/commands/command.ts"],
  },
  {
    by: "tests/cli/commands/list_command_test.ts",
    why: "what is asked and shown of builds is seen in a list of real ones",
    files: [
      "cli/builds/list_builds.ts",
      "cli/builds/project.ts",
      "cli/builds/project_builds.ts",
      "cli/builds/runner_states.ts",
      "cli/options/look_config.ts",
    ],
  },
  {
    by: "tests/cli/commands/logs_command_test.ts",
    why: "which build is meant, and that nothing of its log is lost, shows in the log",
    files: ["cli/builds/find_build.ts", "cli/builds/follow_log.ts", "cli/builds/log_output.ts"],
  },
  {
    by: "tests/cli/commands/stop_command_test.ts",
    why: "stopping is played against a build that runs",
    files: ["cli/builds/stop_run.ts"],
  },
  {
    by: "tests/cli/commands/cleanup_command_test.ts",
    why: "what goes and what stays is seen in the runners that are left",
    files: ["cli/builds/clean_up.ts"],
  },
  {
    by: "tests/cli/cost/build_cost_test.ts",
    why: "sums are judged by the table that they end up in",
    files: ["cli/cost/cost_report.ts"],
  },
  {
    by: "tests/cli/commands/completions_command_test.ts",
    why: "completions are what a shell makes of them",
    files: [
      "cli/completions/completed_command.ts",
      "cli/completions/completions.ts",
      "cli/completions/bash.ts",
      "cli/completions/zsh.ts",
      "cli/completions/fish.ts",
    ],
  },
  {
    by: "tests/cli/jobs/run_job_test.ts",
    why: "jobs are played as builds that really run, options included",
    files: [
      "cli/jobs/job_outcome.ts",
      "cli/jobs/prepare_job.ts",
      "cli/jobs/job_config.ts",
      "cli/options/job_options.ts",
    ],
  },
  {
    by: "tests/cli/init/init_test.ts",
    why: "asking, looking, applying and what was typed are played as a process against the local cloud",
    files: [
      "cli/commands/init_command.ts",
      "cli/init/account.ts",
      "cli/init/apply_stack.ts",
      "cli/init/credential_values.ts",
      "cli/init/identity_providers.ts",
      "cli/init/init_options.ts",
      "cli/init/installation_from.ts",
      "cli/init/stacks.ts",
      "shared/aws/aws_secrets.ts",
    ],
  },
  {
    by: "tests/cli/templates/cloudformation_test.ts",
    why: "what is to be made is seen in what makes it",
    files: ["cli/templates/installation.ts"],
  },
  {
    by: "tests/cli/setup/start_role_permissions_test.ts",
    why: "conditions are judged by the requests that pass them and those that do not",
    files: ["cli/setup/start_conditions.ts"],
  },
  {
    by: "tests/cli/setup/start_role_trust_test.ts",
    why: "a condition is judged by the tokens that it lets in",
    files: ["cli/aws/trust_condition.ts"],
  },
  {
    by: "tests/cli/setup/key_policy_test.ts",
    why: "which contexts open a seal is judged by the policy that says so",
    files: ["cli/setup/encryption_context.ts"],
  },
  {
    by: "tests/cli/setup/allowed_variables_test.ts",
    why: "what is guarded is what the allowed ones lack",
    files: ["shared/settings/guarded_variables.ts"],
  },
  {
    by: "tests/cli/options/start_config_test.ts",
    why: "parsers are tried through the option they belong to",
    files: ["cli/options/option_values.ts", "cli/options/step_variables.ts"],
  },
  {
    by: "tests/cli/start/start_test.ts",
    why: "thin acting, played against a server that speaks AWS's formats",
    files: [
      "cli/start/bring_online.ts",
      "cli/start/beginning.ts",
      "cli/aws/aws_session.ts",
      "cli/wait/await_runner.ts",
      "cli/log/build_log.ts",
      "cli/wait/deadline.ts",
      "cli/wait/explain_failure.ts",
      "cli/launch/launch_build.ts",
      "shared/aws/aws_answers.ts",
      "shared/aws/aws_codebuild.ts",
      "shared/aws/aws_logs.ts",
      "shared/aws/aws_sts.ts",
    ],
  },
  {
    by: "tests/cli/doctor/examine_test.ts",
    why:
      "what doctor asks and finds is seen in set-ups that are broken in one way each, against both platforms",
    files: [
      "cli/doctor/answer.ts",
      "cli/doctor/bitbucket_look.ts",
      "cli/doctor/examine_aws.ts",
      "cli/doctor/examine_bitbucket.ts",
      "cli/doctor/examine_pipelines.ts",
      "cli/doctor/finding.ts",
      "cli/doctor/findings/bitbucket_findings.ts",
      "cli/doctor/findings/credential_findings.ts",
      "cli/doctor/findings/permission_findings.ts",
      "cli/doctor/findings/pipelines_findings.ts",
      "cli/doctor/findings/reference_finding.ts",
      "cli/doctor/findings/role_findings.ts",
      "cli/doctor/findings/runner_findings.ts",
      "cli/doctor/findings/seal_findings.ts",
      "shared/aws/aws_quotas.ts",
      "shared/aws/aws_secrets.ts",
    ],
  },
  {
    by: "tests/cli/stop/clean_up_test.ts",
    why: "stopping and removing is played against both platforms",
    files: ["cli/stop/stop_build.ts", "cli/stop/remove_runners.ts", "cli/stop/part_from.ts"],
  },
  {
    by: "tests/cli/start/machine_group_test.ts",
    why: "what several machines share, and what becomes of them, is seen in whole starts",
    files: ["cli/machines/sharing_session.ts", "cli/machines/machine_failure.ts"],
  },
  {
    by: "tests/cli/start/start_test.ts",
    why: "how a build is begun and looked at is seen in what AWS is asked for",
    files: ["cli/start/begin_build.ts", "cli/wait/build_looks.ts"],
  },
  {
    by: "tests/cli/main_test.ts",
    why: "exit codes and signals are those of a process of its own",
    files: ["cli/program.ts", "cli/commands/start_command.ts"],
  },
  {
    by: "tests/shared/bitbucket/bitbucket_client_test.ts",
    why: "the description of a call and of an answer is seen in the calls made with it",
    files: ["shared/calls/bitbucket_schema.ts", "shared/calls/bitbucket_call.ts"],
  },
];

const COVERED_BY = new Map(COVERED.flatMap(({ by, files }) => files.map((file) => [file, by] as const)));

interface Source {
  readonly path: string;
  readonly text: string;
  /** Files of the project it imports, or runs as a process of its own. */
  readonly uses: readonly string[];
}

const shipped = await readSources(ROOMS);
const tests = await readSources(["tests"]);
const scripts = await readSources(["scripts"]);
const byPath = new Map([...shipped, ...tests, ...scripts].map((source) => [source.path, source]));

function testOf(path: string): string {
  return `tests/${path.replace(/\.ts$/, "_test.ts")}`;
}

Deno.test("every shipped file is used by its test, or by the test that is named for it", () => {
  const problems = shipped.filter(({ text }) => doesSomething(text)).flatMap(({ path }) => {
    const test = COVERED_BY.get(path) ?? testOf(path);
    if (!byPath.has(test)) return [`${path}: there is no ${test}`];
    return usedBy(test).has(path) ? [] : [`${path}: ${test} does not lead to it`];
  });
  assert.deepEqual(problems, []);
});

Deno.test("the list of exceptions holds no file that has a test of its own, or is gone", () => {
  const stale = [...COVERED_BY.keys()].filter((path) => !byPath.has(path) || byPath.has(testOf(path)));
  assert.deepEqual(stale, []);
});

Deno.test("every test of a shipped file's name stands where the file stands", () => {
  const own = tests.filter(({ path }) => new RegExp(`^tests/(${ROOMS.join("|")})/.*_test\\.ts$`).test(path));
  const lost = own.filter(({ path }) => ![...usedBy(path)].some((used) => ROOMS.includes(roomOf(used))));
  assert.deepEqual(lost.map(({ path }) => path), []);
});

Deno.test("no file leads back to itself by its imports", () => {
  const circular = [...shipped, ...scripts].filter(({ path, uses }) =>
    uses.some((used) => used !== "cli/main.ts" && used !== "agent/main.ts" && usedBy(used).has(path))
  );
  assert.deepEqual(circular.map(({ path }) => path), []);
});

/** More than a stranger takes in at a glance; the house's aim is five to fourteen. */
const MOST_FILES = 14;

Deno.test("no folder holds more files than can be taken in at a glance", () => {
  const counts = new Map<string, number>();
  for (const { path } of [...shipped, ...scripts, ...tests]) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  assert.deepEqual([...counts].filter(([, count]) => count > MOST_FILES), []);
});

Deno.test("every exported function and class is explained in a sentence", () => {
  const bare = shipped.flatMap(({ path, text }) =>
    [...text.matchAll(/(\*\/\n)?^export (?:async )?(?:function|class) (\w+)/gm)]
      .filter(([, explained]) => explained === undefined)
      .map(([, , name]) => `${path}: ${name}`)
  );
  assert.deepEqual(bare, []);
});

/** Types and schemas alone are checked by the compiler, and by the tests of those who use them. */
function doesSomething(text: string): boolean {
  return /^(export )?(default )?(async )?(function|class)\b|^(await|for|if|Deno\.)/m.test(text);
}

/** All that a file leads to, itself included. */
function usedBy(path: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...byPath.get(next)?.uses ?? []);
  }
  return found;
}

async function readSources(folders: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const folder of folders) {
    for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) sources.push(...await readSources([path]));
      if (entry.isFile && path.endsWith(".ts")) sources.push(await readSource(path));
    }
  }
  return sources;
}

async function readSource(path: string): Promise<Source> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  const imported = [...text.matchAll(/(?:from|import\(?)\s*"(\.[^"]+\.ts)"/g)]
    .map(([, specifier = ""]) => pathOf(new URL(specifier, new URL(path, ROOT))));
  // A test that runs a program as a process of its own names its main module.
  const run = [...text.matchAll(/\b((?:cli|agent)\/main\.ts)\b/g)].map(([, found = ""]) => found);
  return { path, text, uses: [...imported, ...run] };
}

function pathOf(url: URL): string {
  return url.pathname.slice(ROOT.pathname.length);
}

function roomOf(path: string): string {
  return path.split("/")[0] ?? "";
}
