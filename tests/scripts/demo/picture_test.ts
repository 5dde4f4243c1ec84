import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { timelinePicture } from "../../../scripts/demo/picture.ts";
import { pictureRows } from "../../../scripts/demo/picture_rows.ts";
import type { Happening } from "../../../scripts/local_cloud/server/happenings.ts";
import { linkTargets } from "../../fixtures/markdown.ts";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const ROOT = new URL("../../../", import.meta.url);

Deno.test(
  needing(
    ["curl", "tar", "gzip", "sha256sum"],
    "`demo --picture` draws the run, and README shows such a picture",
  ),
  async () => {
    await withTemporaryFolder(async (folder) => {
      const { code } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-q",
          "-A",
          fileURLToPath(new URL("scripts/demo.ts", ROOT)),
          "--picture",
          `${folder}/p.svg`,
        ],
        env: { TMPDIR: folder },
        stdin: "null",
        stdout: "null",
      }).output();
      assert.equal(code, 0);
      const drawn = elementsOf(await Deno.readTextFile(`${folder}/p.svg`));
      for (const name of ["Start runner", "Build and test", "PRE_BUILD", "BUILD", "runs «Build and test»"]) {
        assert.ok(labels(drawn).includes(name), `${name} is not among ${labels(drawn).join(", ")}`);
      }
      const [shown = ""] = linkTargets(await Deno.readTextFile(new URL("README.md", ROOT)))
        .filter((target) => target.endsWith(".svg"));
      const current = elementsOf(await Deno.readTextFile(new URL(shown, ROOT)));
      assert.deepEqual(labels(current), labels(drawn));
      assert.deepEqual(kinds(current), kinds(drawn));
    });
  },
);

Deno.test("The picture shows every step, phase and time of a runner, however they are called", () => {
  const runner = { runnerUuid: "{r}", name: "r" };
  const step = { pipelineUuid: "{p}", step: 'Build <b> & "test"\u0007', stepUuid: "{s}" };
  const rows = pictureRows([
    { at: 1000, type: "pipeline started", pipelineUuid: "{p}" },
    { at: 1100, type: "build started", buildId: "b:1" },
    { at: 1200, type: "build phase", buildId: "b:1", phase: "QUEUED" },
    { at: 1300, type: "runner registered", ...runner },
    { at: 1400, type: "runner online", ...runner },
    { at: 1500, type: "step started", ...step, runnerUuid: "{r}" },
    { at: 2500, type: "step ended", ...step, result: "FAILED" },
    { at: 2700, type: "runner unregistered", ...runner },
    { at: 2800, type: "build phase", buildId: "b:1", phase: "COMPLETED" },
  ] as Happening[]);
  const spans = rows.map(({ bars }) => bars.map(({ label, from, to, kind }) => [label, from, to, kind]));
  assert.deepEqual(spans, [
    [[step.step, 500, 1500, "failed"]],
    [["QUEUED", 200, 1800, "build"]],
    [
      ["starts", 300, 400, "runner"],
      ["waits for a step", 400, 500, "runner"],
      [`runs «${step.step}»`, 500, 1500, "self-hosted"],
      ["leaves", 1500, 1700, "runner"],
    ],
  ]);
  const picture = timelinePicture(rows, "<script>");
  assert.ok(labels(elementsOf(picture)).includes("Build &lt;b&gt; &amp; &quot;test&quot;�"));
  assert.equal(picture, timelinePicture(rows, "<script>"));
  assert.doesNotMatch(picture, /<script|NaN|undefined/);
});

Deno.test("A picture of nothing is a picture all the same", () => {
  elementsOf(timelinePicture(pictureRows([]), "Nothing"));
});

interface Element {
  readonly name: string;
  readonly attributes: string;
  readonly text: string;
}

/** The elements of a well-formed XML text; throws for any other. */
function elementsOf(xml: string): Element[] {
  const open: string[] = [];
  const elements: Element[] = [];
  let rest = xml;
  while (rest.trim() !== "") {
    const tag = /^\s*<(\/?)(\w+)((?:\s+[\w:-]+="[^"<&]*")*)\s*(\/?)>([^<]*)/.exec(rest);
    assert.ok(tag, `no XML: ${rest.slice(0, 80)}`);
    const [whole, closing, name = "", attributes = "", empty, text = ""] = tag;
    assert.doesNotMatch(text.replace(/&(?:amp|lt|gt|quot|#39);/g, ""), /&|(?!\n)\p{Cc}/u);
    if (closing) assert.equal(open.pop(), name);
    else {
      elements.push({ name, attributes, text });
      if (!empty) open.push(name);
    }
    rest = rest.slice(whole.length);
  }
  assert.deepEqual(open, []);
  assert.equal(elements[0]?.name, "svg");
  return elements;
}

/** What is written, but for times, which differ from run to run. */
function labels(elements: readonly Element[]): string[] {
  return elements.filter(({ name, attributes }) => name !== "style" && !attributes.includes('class="time"'))
    .map(({ text }) => text.trim())
    .filter((text) => text !== "");
}

function kinds(elements: readonly Element[]): string[] {
  return elements.filter(({ name }) => name === "rect").map(({ attributes }) =>
    /class="([\w-]+)"/.exec(attributes)?.[1] ?? ""
  );
}
