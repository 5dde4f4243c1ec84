import { InvalidValue } from "./settings.ts";

/** Any text. */
export function text(value: string): string {
  return value;
}

/** A token or key as headers can carry it: printable ASCII. */
export function credential(value: string): string {
  const trimmed = value.trim();
  if (/^[\x20-\x7e]+$/.test(trimmed)) return trimmed;
  throw new InvalidValue("one line of printable ASCII characters");
}

/** A parser of whole numbers from `least` to `most`, both included; `unit` completes the message. */
export function wholeNumber(least: number, most: number, unit: string): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value.trim()) ? Number(value) : NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidValue(
      most === Number.MAX_SAFE_INTEGER
        ? `a whole number of ${unit}, ${least} or more`
        : `a whole number of ${unit} from ${least} to ${most}`,
    );
  };
}

/** `true`, `1`, `yes` and `on`, or `false`, `0`, `no` and `off`, in any case. */
export function yesOrNo(value: string): boolean {
  const word = value.trim().toLowerCase();
  if (["true", "1", "yes", "on"].includes(word)) return true;
  if (["false", "0", "no", "off"].includes(word)) return false;
  throw new InvalidValue("true or 1, false or 0");
}

/** A parser that takes one of the given words. */
export function oneOf<const W extends string>(...words: readonly W[]): (value: string) => W {
  return (value) => {
    const found = words.find((word) => word === value.trim());
    if (found !== undefined) return found;
    throw new InvalidValue(`one of ${words.join(", ")}`);
  };
}

/** What neither a shell between quotes, nor YAML, nor curl takes for more than itself. */
const PLAIN_URL = /^https?:\/\/[\w.~:/?#[\]@!&()*+,;=%-]+$/i;

/** An absolute http or https URL, returned without a slash at its end. */
export function webUrl(value: string): string {
  const trimmed = value.trim();
  if (!PLAIN_URL.test(trimmed) || !URL.canParse(trimmed)) {
    throw new InvalidValue("a URL that starts with https:// or http://");
  }
  let end = trimmed.length;
  while (trimmed[end - 1] === "/") end--;
  return trimmed.slice(0, end);
}

/**
 * A Bitbucket UUID, with or without braces; returned with braces, as Bitbucket writes it. Its inside is not
 * checked closely: Bitbucket alone knows which identifiers it hands out.
 */
export function uuid(value: string): string {
  const bare = value.trim().replace(/^\{(.*)\}$/, "$1");
  if (/^[\w-]{1,64}$/.test(bare)) return `{${bare}}`;
  throw new InvalidValue("a UUID, with or without braces");
}
