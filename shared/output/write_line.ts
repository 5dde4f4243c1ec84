import type { TextWriter } from "../program/host.ts";
import { coloured } from "./coloured.ts";
import { leftOut, plainText } from "./plain_text.ts";
import type { Redactor } from "./redact.ts";

/** What is shown of a line at most, in UTF-16 units; whoever needs more of it looks where it comes from. */
export const LONGEST_LINE = 16_384;

/**
 * Writes one line, whatever the text: without secrets, without characters that do something, and not longer than is of
 * use. `before` is a word of the program's own, as in «error: ». All that both programs write passes through this file.
 */
export function writeLine(stream: TextWriter, text: string, redactor: Redactor, before = ""): void {
  stream.write(`${stream.colour ? coloured(before) : before}${cleanText(text, redactor)}\n`);
}

/** Shows a text in the last line of a terminal until something else is written; nowhere else, and with none takes it back. */
export function writePassing(stream: TextWriter, text: string, redactor: Redactor): void {
  stream.passing?.(cleanText(text, redactor));
}

/** Writes an object or a list as one line of JSON, the texts in it like lines. */
export function writeObject(stream: TextWriter, value: object, redactor: Redactor): void {
  stream.write(`${objectText(value, redactor)}\n`);
}

/** An object or a list as JSON that may be shown; in several lines where `indent` says by how many blanks. */
export function objectText(value: object, redactor: Redactor, indent?: number): string {
  const clean = (_name: string, one: unknown) => typeof one === "string" ? cleanText(one, redactor) : one;
  return JSON.stringify(value, clean, indent);
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
