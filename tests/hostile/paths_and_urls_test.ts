import assert from "node:assert/strict";
import { resolve } from "node:path";
import fc from "fast-check";
import { dockerRunArguments } from "../../agent/docker/docker_run_arguments.ts";
import { runnerLabels } from "../../agent/runner/runner_labels.ts";
import { buildId, folderPath, imageName } from "../../agent/settings/agent_values.ts";
import { ownFolder } from "../../agent/watch/own_log.ts";
import { sessionName } from "../../cli/aws/role_session.ts";
import { consoleLink } from "../../cli/wait/report.ts";
import { bitbucketUrls } from "../../shared/bitbucket/bitbucket_urls.ts";
import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { labelList } from "../../shared/settings/labels_rules.ts";
import { uuid, webUrl } from "../../shared/settings/parse_value.ts";
import { InvalidValue } from "../../shared/settings/settings.ts";
import { hostileText } from "./hostile_text.ts";

/** What a parser makes of a value; undefined where it refuses it. */
function taken<T>(parse: (value: string) => T, value: string): T | undefined {
  try {
    return parse(value);
  } catch (error) {
    if (error instanceof InvalidValue) return undefined;
    throw error;
  }
}

/** A property of every hostile text. */
function holds(name: string, check: (text: string, other: string) => void): void {
  Deno.test(name, () => fc.assert(fc.property(hostileText, hostileText, check), { numRuns: 500 }));
}

holds("no identifier leads out of the address it belongs to", (text, other) => {
  const urls = bitbucketUrls({ apiUrl: "https://api.test/2.0", workspace: text, repository: other });
  const parts = (url: string) => {
    const { origin, pathname, search, hash } = new URL(url);
    assert.deepEqual([origin, search, hash], ["https://api.test", "", ""]);
    return pathname.split("/").map((part, index) => [3, 4].includes(index) ? "*" : part);
  };
  const repository = ["", "2.0", "repositories", "*", "*"];
  const runners = parts(urls.runners(text));
  assert.deepEqual(runners.slice(0, -1), [...repository, "pipelines-config", "runners"]);
  const steps = parts(urls.steps(text));
  assert.deepEqual([...steps.slice(0, 6), steps.at(7)], [...repository, "pipelines", "steps"]);
  assert.equal(parts(urls.runnerState(text)).at(-1), "state");
});

holds("no build's id or account leads out of the console's address", (text, other) => {
  const arn = `arn:aws:codebuild:eu-west-1:${other.replaceAll(":", "")}:build/x`;
  const { origin, pathname, search, hash } = new URL(consoleLink({ id: text, arn }, "eu-west-1"));
  assert.deepEqual([origin, search, hash], [
    "https://eu-west-1.console.aws.amazon.com",
    "?region=eu-west-1",
    "",
  ]);
  assert.match(pathname, /^\/codesuite\/codebuild\/([^/]+\/)?projects\/[^/]+\/build\/[^/]+\/$/);
});

holds("a runner's own folder is below the one of its build, whatever Bitbucket calls it", (text, other) => {
  for (const runnerUuid of [text, `{${text}}`, other, "..", "/etc", ""]) {
    const folder = resolve(ownFolder({ workingDirectory: "/work/build-1", runnerUuid }));
    assert.match(folder, /^\/work\/build-1(\/[\w-]+)?$/);
  }
});

holds("folders, build ids and images that are taken mean one thing only", (text) => {
  for (const value of [text, `/runner/${text}`, `/${text}`]) {
    const folder = taken(folderPath, value);
    if (folder === undefined) continue;
    assert.ok(`${resolve(folder)}/`.startsWith(value.startsWith("/runner/") ? "/runner/" : "/"), folder);
    const { args } = dockerRunArguments({
      launch: { workingDirectory: folder, runnerName: "n" } as Parameters<
        typeof dockerRunArguments
      >[0]["launch"],
      image: "i",
      env: {},
      dockerRoot: "/var/lib/docker",
    });
    for (const mount of args.filter((_, index) => args[index - 1] === "--volume")) {
      assert.equal(mount.split(":").length, mount.endsWith(":ro") ? 3 : 2, mount);
    }
  }
  const id = taken(buildId, `app:${text}`) ?? taken(buildId, `${text}:1`);
  if (id !== undefined) assert.match(runnerName(id), /^[A-Za-z0-9][\w.-]*$/);
  const image = taken(imageName, text);
  if (image !== undefined) assert.match(image, /^[^-\s]\S*$/);
});

holds(
  "identifiers, addresses and labels that are taken hold nothing but letters and signs of their kind",
  (text) => {
    const identifier = taken(uuid, text);
    if (identifier !== undefined) assert.match(identifier, /^\{[\w-]{1,64}\}$/);
    for (const value of [text, `https://mirror.test/${text}`]) {
      const url = taken(webUrl, value);
      if (url !== undefined) assert.doesNotMatch(url, /[\0-\x20"'`$\\{}<>\x7f-\uffff]/);
    }
    const labels = taken(labelList, text);
    if (labels !== undefined) {
      for (const label of runnerLabels("shell", "arm64", labels)) {
        assert.match(
          label,
          /^[a-z0-9_]+(\.[a-z0-9]+)*$/,
        );
      }
    }
  },
);

holds("a role's session has a name that STS takes", (text, other) => {
  const step = { repository: text, buildNumber: other, pipelineUuid: text, stepUuid: other };
  assert.match(sessionName(step), /^[\w+=,.@-]{2,64}$/);
});
