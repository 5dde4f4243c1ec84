import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { RunnerEar } from "../../agent/watch/runner_ear.ts";
import { RunnerOutput } from "../../agent/watch/runner_output.ts";
import { RunnerError } from "../../shared/program/errors.ts";
import { reportFailure } from "../../shared/output/failure.ts";
import { Logger } from "../../shared/output/log.ts";
import { Redactor } from "../../shared/output/redact.ts";
import { standInControl } from "../agent/watch/stand_in_control.ts";
import { quickHost } from "../fixtures/quick_host.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";

/** A recognisable piece. */
const PIECE = 12;
/** Characters at either end of a secret's part that may be its neighbours' as much as its own. */
const BLURRED = 2;

type Encoding = (text: string) => string;

const INNER: Readonly<Record<string, Encoding>> = {
  "as it is": (text) => text,
  "base64": (text) => Buffer.from(text).toString("base64"),
  "base64 without padding": (text) => Buffer.from(text).toString("base64").replaceAll("=", ""),
  "base64url": (text) => Buffer.from(text).toString("base64url"),
  "hex": (text) => Buffer.from(text).toString("hex"),
  "HEX": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "percent": (text) => encodeURIComponent(text),
  "form": (text) => new URLSearchParams({ x: text }).toString(),
  "JSON": (text) => JSON.stringify(text),
  "base64 of JSON": (text) => Buffer.from(JSON.stringify({ text })).toString("base64"),
};

const OUTER: Readonly<Record<string, Encoding>> = {
  "nothing": (text) => text,
  "a line": (text) => `the value is ${text}, they say`,
  "JSON": (text) => JSON.stringify({ a: 1, value: text }),
  "JSON in JSON": (text) => JSON.stringify({ body: JSON.stringify({ value: text }) }),
  "a URL": (text) => `GET https://host.test/?value=${encodeURIComponent(text)}&x=1`,
};

const secret = fc.oneof(
  fc.string({
    unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    minLength: 20,
    maxLength: 64,
  }),
  fc.string({
    unit: fc.constantFrom(..."abcdefghijABCDEFGHIJ0123456789+/=._-~:%&\"'\\ ü"),
    minLength: 16,
    maxLength: 48,
  }),
  fc.base64String({ minLength: 40, maxLength: 400 }),
  fc.array(fc.base64String({ minLength: 64, maxLength: 64 }), { minLength: 2, maxLength: 5 }).map((lines) =>
    lines.join("\n")
  ),
).filter((text) => new Set(text).size > 6);

/** Another secret that is as long in every form; signs stay, since forms differ in how they write them. */
function opposite(text: string): string {
  return text.replace(/[a-z]/g, (one) => one < "n" ? "z" : "a").replace(
    /[A-Z]/g,
    (one) => one < "N" ? "Z" : "A",
  )
    .replace(/\d/g, (one) => one < "5" ? "9" : "0");
}

/** Where in a carrier the secret stands: what changes with it. */
function secretPart(carried: string, otherwise: string): string {
  let from = 0;
  while (carried[from] === otherwise[from] && from < carried.length) from++;
  let after = 0;
  while (carried.at(-1 - after) === otherwise.at(-1 - after) && after < carried.length - from) after++;
  return carried.slice(from + BLURRED, carried.length - after - BLURRED);
}

interface Case {
  readonly secret: string;
  readonly inner: string;
  readonly outer: string;
  readonly before: string;
  readonly after: string;
  /** Lengths of the lines it is broken into, over and over; none for a single line. */
  readonly widths: readonly number[];
  readonly indent: string;
}

const cases: fc.Arbitrary<Case> = fc.record({
  secret,
  inner: fc.constantFrom(...Object.keys(INNER)),
  outer: fc.constantFrom(...Object.keys(OUTER)),
  before: fc.constantFrom("", "u", "user:", '{"a": "'),
  after: fc.constantFrom("", "\n", "@host", '"}'),
  widths: fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 4 }),
  indent: fc.constantFrom("", "  ", "\t"),
});

function broken(text: string, widths: readonly number[]): string[] {
  const lines: string[] = [];
  for (let at = 0, count = 0; at < text.length; count++) {
    const width = widths.length === 0 ? text.length : widths[count % widths.length] ?? 1;
    lines.push(text.slice(at, at + width));
    at += width;
  }
  return lines;
}

/** Lines of a text on every way out of the programs. */
async function waysOut(lines: readonly string[], redactor: Redactor, say: (text: string) => Promise<string>) {
  const whole = lines.join("\n");
  let text = "";
  const stderr = { write: (part: string) => void (text += part) };
  for (const format of ["text", "json"] as const) {
    const log = new Logger({ stderr, now: () => 0 }, format, redactor);
    for (const line of lines) log.info(line, { field: line });
    for (const line of lines) log.quote(line);
    log.warning(whole, { field: whole });
    const error = new RunnerError(whole, { hint: whole });
    reportFailure(error, { host: { stderr, now: () => 0 }, format, redactor });
  }
  return text + await say(`${whole}\n`);
}

Deno.test("no piece of a secret comes out, however it is encoded, packed and broken", async () => {
  await withTemporaryFolder(async (folder) => {
    let shown = "";
    const host = quickHost({ stdout: { write: (text) => void (shown += text) } });
    const output = new RunnerOutput({ stdout: `${folder}/runner.log` }, host);
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const redactor = new Redactor();
        redactor.add(one.secret);
        const log = new Logger(host, "text", redactor);
        const ear = new RunnerEar(host, log, { control: standInControl(), output, baseline: [] });
        const carry = (text: string) =>
          OUTER[one.outer]?.(INNER[one.inner]?.(one.before + text + one.after) ?? "") ?? "";
        const carried = carry(one.secret);
        const lines = broken(carried, one.widths).map((line) => one.indent + line);
        shown = "";
        const out = await waysOut(lines, redactor, async (text) => {
          await Deno.writeTextFile(`${folder}/runner.log`, text, { append: true });
          await ear.hearNow();
          return shown + ear.lastLines.slice(-lines.length).join("\n");
        });
        const part = secretPart(carried, carry(opposite(one.secret)));
        for (let at = 0; at + PIECE <= part.length; at++) {
          const piece = part.slice(at, at + PIECE);
          // Of what signs are escaped with there is plenty around.
          if (/^[\\"]*$/.test(piece)) continue;
          assert.ok(!out.includes(piece), `${JSON.stringify(piece)} of ${JSON.stringify(carried)} in ${out}`);
        }
      }),
      { numRuns: 500 },
    );
    output.close();
  });
});
