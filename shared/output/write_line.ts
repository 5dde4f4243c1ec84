import type { TextWriter } from "../program/host.ts";
import { leftOut, plainText } from "./plain_text.ts";
import type { Redactor } from "./redact.ts";

/** What is shown of a line at most, in UTF-16 units; whoever needs more of it looks where it comes from. */
export const LONGEST_LINE = 16_384;

/**
 * Writes one line, whatever the text: without secrets, without characters that do something, and not longer than is of
 * use. `before` is a word of the program's own, as in «error: ». All that both programs write passes through this file.
 */
export function writeLine(stream: TextWriter, text: string, redactor: Redactor, before = ""): void {
  stream.write(`${before}${cleanText(text, redactor)}\n`);
}

/** Writes an object as one line of JSON, its values like lines. */
export function writeObject(
  stream: TextWriter,
  values: Readonly<Record<string, string | number | boolean | undefined>>,
  redactor: Redactor,
): void {
  const clean = Object.entries(values)
    .map(([name, value]) => [name, typeof value === "string" ? cleanText(value, redactor) : value]);
  stream.write(`${JSON.stringify(Object.fromEntries(clean))}\n`);
}

/** Writes a value of any shape as one line of JSON, the texts in it like lines. */
export function writeJson(stream: TextWriter, value: unknown, redactor: Redactor): void {
  const clean = (_key: string, one: unknown) => typeof one === "string" ? cleanText(one, redactor) : one;
  stream.write(`${JSON.stringify(value, clean)}\n`);
}

/** Writes a text of several lines that the program has made itself, such as its help. */
export function writePage(stream: TextWriter, text: string): void {
  stream.write(text.split("\n").map(plainText).join("\n"));
}

/**
 * The text as it may be shown in one line. It is looked through after it is cut, so that a flood without a line end costs
 * no more than a line.
 */
export function cleanText(text: string, redactor: Redactor, longest = LONGEST_LINE): string {
  return plainText(redactor.redact(text.slice(0, longest)) + leftOut(text.length - longest));
}
