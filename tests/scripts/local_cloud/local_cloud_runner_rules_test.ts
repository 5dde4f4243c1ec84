import assert from "node:assert/strict";
import type { BitbucketSettings } from "../../../scripts/local_cloud/pipelines/bitbucket_settings.ts";
import { bitbucketCaller, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

const RUNNERS = "pipelines-config/runners";
const LABELS = ["self.hosted", "linux.shell"];
const TEN = Array.from({ length: 10 }, (_, index) => `l${index}`);

type Variant = Partial<BitbucketSettings>;
const LOOSE: Variant = { labelGrammar: "loose" };

const REFUSED: [what: string, body: unknown, variant?: Variant][] = [
  ["without a name", { labels: LABELS }],
  ["with an empty name", { name: "", labels: LABELS }],
  ["with a name of 51 characters", { name: "n".repeat(51), labels: LABELS }],
  ["with a name of 50 characters where 49 are the most", { name: "n".repeat(50), labels: LABELS }, {
    longestName: 49,
  }],
  ...["a b", "a:b", "a/b", "{a}", "ä", "a\n"].map((name): [string, unknown] => [
    `called ${JSON.stringify(name)}`,
    { name, labels: LABELS },
  ]),
  ["without labels", { name: "n" }],
  ["with no label", { name: "n", labels: [] }],
  ["with a label that is no text", { name: "n", labels: [1] }],
  ["with a label over 50 characters", labelled("a".repeat(51))],
  ["with 11 labels of one's own", labelled(...TEN, "l10")],
  ["with a second operating system", labelled("windows")],
  ...[
    ...["Upper", "x86_64", "with-hyphen", "", ".first", "last.", "two..dots"],
    ...["linuxfoo", "linux.foo", "windows2", "macos.arm64", "bitbucket.x", "atlassianx"],
  ].map((label): [string, unknown] => [`with the label «${label}»`, labelled(label)]),
  ["with an uppercase label, loosely", labelled("Upper"), LOOSE],
  ["with 11 labels of one's own, loosely", labelled(...TEN, "l10"), LOOSE],
  ["with a label over 50 characters, loosely", labelled("a".repeat(51)), LOOSE],
];

for (const [what, body, variant = {}] of REFUSED) {
  Deno.test(`A runner ${what} is refused with 400, new or renamed`, async () => {
    await withLocalCloud({ bitbucket: variant }, async (cloud) => {
      const call = bitbucketCaller(cloud);
      const created = await call("POST", RUNNERS, body);
      assert.equal(created.status, 400);
      assert.equal(created.body.type, "error");
      assert.deepEqual(cloud.bitbucket.runners.all, []);
      const { uuid } = (await call("POST", RUNNERS, { name: "n", labels: LABELS })).body;
      assert.equal((await call("PUT", `${RUNNERS}/${encodeURIComponent(uuid)}`, body)).status, 400);
    });
  });
}

const TAKEN: [what: string, body: { name: string; labels: string[] }, variant?: Variant][] = [
  ["with a name of 50 characters of all kinds", { name: "Az09._-".padEnd(50, "n"), labels: LABELS }],
  ["with a name of 200 characters where nobody looks", { name: "n".repeat(200), labels: LABELS }, {
    longestName: Infinity,
  }],
  ["with ten labels of one's own beside Bitbucket's", labelled(...TEN)],
  ["with a label of 50 characters", labelled("a".repeat(50))],
  ["with labels that merely hold a reserved word", labelled("mylinux", "a.windows")],
  ...["linux", "linux.arm64", "macos", "windows"].map((os): typeof TAKEN[number] => [
    `for ${os}`,
    { name: "n", labels: ["self.hosted", os] },
  ]),
  ["with dots and reserved words, loosely", labelled(".first", "last.", "linuxfoo", "windows"), LOOSE],
];

for (const [what, body, variant = {}] of TAKEN) {
  Deno.test(`A runner ${what} is taken with its labels as sent`, async () => {
    await withLocalCloud({ bitbucket: variant }, async (cloud) => {
      const { status, body: runner } = await bitbucketCaller(cloud)("POST", RUNNERS, body);
      assert.equal(status, 200);
      assert.deepEqual({ name: runner.name, labels: runner.labels }, body);
    });
  });
}

Deno.test("A platform that adds self.hosted does so once", async () => {
  await withLocalCloud({ bitbucket: { addsSelfHosted: true } }, async (cloud) => {
    for (const labels of [["linux.shell"], ["self.hosted", "linux.shell"]]) {
      const { body } = await bitbucketCaller(cloud)("POST", RUNNERS, { name: "n", labels });
      assert.deepEqual(body.labels, ["self.hosted", "linux.shell"]);
    }
  });
});

Deno.test("A created runner that carries an error has no OAuth client, and is registered all the same", async () => {
  const runnerError = { key: "runner.bad-label", message: "Bad label", arguments: { label: "x" } };
  await withLocalCloud({ bitbucket: { runnerError } }, async (cloud) => {
    const call = bitbucketCaller(cloud);
    const { status, body } = await call("POST", RUNNERS, { name: "n", labels: LABELS });
    assert.equal(status, 200);
    assert.deepEqual(body.error, runnerError);
    assert.equal(body.oauth_client, undefined);
    assert.equal((await call("GET", `${RUNNERS}/${encodeURIComponent(body.uuid)}`)).status, 200);
  });
});

const DETAILS = {
  string: { message: "Bad request", detail: "name: required" },
  object: { message: "Bad request", detail: { name: "required" } },
  none: { message: "name: required" },
} as const;

for (const errorDetail of ["string", "object", "none"] as const) {
  Deno.test(`A bad property is refused with a detail that is «${errorDetail}»`, async () => {
    await withLocalCloud({ bitbucket: { errorDetail } }, async (cloud) => {
      const { body } = await bitbucketCaller(cloud)("POST", RUNNERS, { labels: LABELS });
      assert.deepEqual(body, { type: "error", error: DETAILS[errorDetail] });
    });
  });
}

function labelled(...labels: string[]): { name: string; labels: string[] } {
  return { name: "n", labels: [...LABELS, ...labels] };
}
