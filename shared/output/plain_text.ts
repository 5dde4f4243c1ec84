/** What a value that is quoted in a message may be long, in UTF-16 units; names, labels and UUIDs are far shorter. */
const LONGEST_VALUE = 200;

/**
 * What would not show as itself: control characters (C0, DEL, C1) but for the tab, line and paragraph separators, what
 * turns the direction of writing or is invisible (joiners within a word left out), and halves of broken UTF-16 pairs.
 */
const NOT_PLAIN = /(?![\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT_FORMS: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r" };

/** Text of one line that does nothing to whoever shows it: what is not plain is spelled out, as in `\n` and `\x1b`. */
export function plainText(text: string): string {
  return text.replace(NOT_PLAIN, (one) => SHORT_FORMS[one] ?? spelledOut(one));
}

/** The text, cut to so many UTF-16 units, with a mark where something was left out. */
export function shortened(text: string, longest = LONGEST_VALUE): string {
  return text.slice(0, longest) + leftOut(text.length - longest);
}

/** The mark of a cut, with how many characters were left out; nothing where none were. */
export function leftOut(count: number): string {
  return count <= 0 ? "" : `… (${count} characters left out)`;
}

function spelledOut(one: string): string {
  const code = one.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
