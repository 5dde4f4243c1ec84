import assert from "node:assert/strict";
import { countSteps, matches, parsePattern } from "./pattern_steps.ts";
import { pumpedTexts } from "./pumped_texts.ts";

const ROOT = new URL("../../", import.meta.url);
/** Longer than any bound of a pattern's, so that what is bounded shows as such. */
const LENGTH = 400;
/** Twice the text takes twice the steps, or four times where a pattern is slow. */
const GROWTH = 2.7;
/** So few are none, whatever they grow by: some for each character. */
const FEW_STEPS = 8_000;
/** Hundreds for each character. */
const MOST_STEPS = 400_000;

interface Found {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

/** Every pattern that a text has written out. */
function patternsIn(path: string, text: string): Found[] {
  const found: Found[] = [];
  const plugin: Deno.lint.Plugin = {
    name: "patterns",
    rules: {
      all: {
        create: (context) => ({
          Literal(node) {
            const [, source, flags = ""] = /^\/(.+)\/([a-z]*)$/s.exec(context.sourceCode.getText(node)) ?? [];
            if (source !== undefined) found.push({ where: path, source, flags });
          },
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, text);
  return found;
}

function shipped(folder: string): Found[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return shipped(path);
    return path.endsWith(".ts") ? patternsIn(path, Deno.readTextFileSync(new URL(path, ROOT))) : [];
  });
}

/** The first text on which the pattern takes more steps than the text is longer; undefined where there is none. */
function slowOn({ source, flags }: Pick<Found, "source" | "flags">): string | undefined {
  const pattern = parsePattern(source, flags);
  const longer = pumpedTexts(pattern, 2 * LENGTH);
  return pumpedTexts(pattern, LENGTH).find((text, index) => {
    const steps = countSteps(pattern, flags, text, MOST_STEPS);
    const more = countSteps(pattern, flags, longer[index] ?? "", MOST_STEPS);
    return more >= MOST_STEPS || (more > FEW_STEPS && more > GROWTH * steps);
  });
}

const patterns = ["cli", "agent", "shared"].flatMap(shipped);

Deno.test("no pattern of the shipped code takes more than a text's length in time", () => {
  assert.ok(patterns.length > 60, `${patterns.length}`);
  const slow = patterns.flatMap((pattern) => {
    const text = slowOn(pattern);
    return text === undefined
      ? []
      : [`${pattern.where}: /${pattern.source}/ on ${JSON.stringify(text.slice(0, 60))}…`];
  });
  assert.deepEqual(slow, []);
});

/** Patterns that this project has had, and others that are known to be slow. */
const SLOW: readonly RegExp[] = [
  /(?<=\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}/gi,
  /(?<=client_?secret["']?\s*[=:]\s*["']?)[^\s"',}&]{6,}/gi,
  /.*\/repositories\/[^/]+\/[^/]+/,
  /%7B[^/]*%7D/gi,
  /\/+$/,
  /\s+$/,
  /<(.*)>/,
  /:([^:/@]+)(?:@.*)?$/,
  /^QUEUED.*TIMED_OUT|TIMED_OUT.*QUEUED/s,
  /(a+)+$/,
  /^(?:\w+\s?)*$/,
  /^(a|a)*b/,
  /\d+-\d+-\d+/,
];

for (const pattern of SLOW) {
  Deno.test(`the search for slow patterns finds ${pattern}`, () => assert.ok(slowOn(pattern) !== undefined));
}

Deno.test("the search for slow patterns leaves alone what is not slow", () => {
  for (
    const pattern of [
      /^\s+x/,
      /^(?:ab)+c/g,
      /\bBearer\s{1,20}\w/,
      /a[^b]{0,50}c/,
      /(?<!\\)"/g,
      /^(\d+) \((.*)\) (\S .*)$/s,
    ]
  ) {
    assert.equal(slowOn(pattern), undefined, `${pattern}`);
  }
});

Deno.test("patterns are found wherever they stand, and nothing else is taken for one", () => {
  const source =
    'const a = /x+/g, b = 4 / 2 / 1, c = "/no/"; d.replace(/[/]y\\//, (z) => /z/.test(z) ? `${/w/}` : "");';
  assert.deepEqual(patternsIn("a.ts", source).map((found) => found.source), ["x+", "[/]y\\/", "z", "w"]);
});

Deno.test("the count of steps agrees with the engine on what matches", () => {
  for (const { source, flags } of patterns) {
    const pattern = parsePattern(source, flags);
    const native = new RegExp(source, flags.replace("g", ""));
    for (const text of [...new Set(pumpedTexts(pattern, 20))]) {
      assert.equal(
        matches(pattern, flags, text),
        native.test(text),
        `/${source}/${flags} on ${JSON.stringify(text)}`,
      );
    }
  }
});
