import fc from "fast-check";

/** What runs if anything of a value does: the file that it makes is named by a variable, so that a shell is needed. */
const RUN = 'touch "$MARK"';

/** Pieces that mean something to a shell, a terminal, a log, a path, a URL, YAML, JSON, docker or curl. */
const PIECES = [
  `$(${RUN})`,
  `\`${RUN}\``,
  `'; ${RUN}; '`,
  `"; ${RUN}; "`,
  `\n${RUN}\n`,
  `| ${RUN} #`,
  "${IFS}$0",
  "\nerror: forged\n",
  "\r\nhint: forged",
  '\n{"level":"error","message":"forged"}\n',
  "\x1b[2J\x1b]0;forged\x07",
  "\b\x7f\x9b31m",
  "\u202egnp.\u2066\u2028\u2029\ufeff",
  "../..",
  "/../../etc/passwd",
  "..",
  "%2e%2e%2f",
  "{a,b}[1-9]",
  "-rf --privileged",
  ": &a *a !x\n- |\n  x: y",
  "\\",
  "'",
  '"',
  "ü🚀",
  "\ud800",
  "\udfff\ud800",
  "\ufffd",
  "x".repeat(4096),
  " ",
  "\t",
  "",
];

/** A value that nobody means well with; never with NUL, which no environment can hold. */
export const hostileText: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.string({ maxLength: 20 }) },
    { weight: 1, arbitrary: fc.constantFrom("main", "https://mirror.test/v1", "/runner", "1", "gpu") },
  ),
  { minLength: 1, maxLength: 5 },
).map((pieces) => pieces.join("").replaceAll("\0", ""));

/** As a process gets it: what is no UTF-8 is replaced. */
export const hostileWord: fc.Arbitrary<string> = hostileText.map((text) => text.toWellFormed());

/** The first line of a text that is not one of ours, or that does something to whoever shows it. */
export function forgedLine(text: string, ours: RegExp): string | undefined {
  const lines = text.split("\n");
  if (lines.pop() !== "") return "the last line has no end";
  return lines.find((line) => {
    // deno-lint-ignore no-control-regex
    return !ours.test(line) || /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/.test(line) ||
      !line.isWellFormed() || /^(error: forged|hint: forged)/.test(line);
  });
}
