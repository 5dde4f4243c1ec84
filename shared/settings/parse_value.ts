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

/** A parser of whole numbers from `least` to `most`, both included; `unit` and what else may be given complete the message. */
export function wholeNumber(
  least: number,
  most: number,
  unit: string,
  otherwise = "",
): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value.trim()) ? Number(value) : NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidValue(
      most === Number.MAX_SAFE_INTEGER
        ? `a whole number of ${unit}, ${least} or more${otherwise}`
        : `a whole number of ${unit} from ${least} to ${most}${otherwise}`,
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
const PLAIN_URL = /^https?:\/\/[\w.~:/?[\]@!&()*+,;=%-]+$/i;

/**
 * An absolute https URL, or an http one of this machine, in the form in which it was checked and without a slash at its
 * end. What goes over the network in the clear can be read and changed on the way, credentials and programs alike; a
 * password in a URL ends up in logs.
 */
export function webUrl(value: string): string {
  const trimmed = value.trim();
  // Told from the text, since a password may well be what keeps it from being a URL.
  if (/^\w+:\/\/[^/]*@/.test(trimmed)) {
    throw new InvalidValue("a URL without user and password", { secret: true });
  }
  const url = PLAIN_URL.test(trimmed) && URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  if (url !== undefined && isPrivate(url)) return withoutSlashes(url.href);
  throw new InvalidValue(
    "a URL that starts with https://; http:// is for this machine alone, as in http://127.0.0.1:8080",
  );
}

function withoutSlashes(address: string): string {
  let end = address.length;
  while (address[end - 1] === "/") end--;
  return address.slice(0, end);
}

/** Whether nobody on the way can read or change what goes there: over https, or within this machine. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  // URL writes hosts in small letters, and addresses in full.
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return protocol === "https:" || protocol === "http:" && loopback;
}

/** A Bitbucket UUID, with or without braces; returned with braces, as Bitbucket writes it. */
export function uuid(value: string): string {
  const bare = value.trim().replace(/^\{(.*)\}$/, "$1");
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(bare)) return `{${bare}}`;
  throw new InvalidValue("a UUID, with or without braces, as in {1b2c3d4e-0000-4000-8000-000000000000}");
}
