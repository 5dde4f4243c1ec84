/** A longer secret than any platform gives out is known as it is, and by its lines: its forms would take much memory. */
const LONGEST_ENCODED = 16_384;

/**
 * The forms in which a secret may show up: as it is, each of its lines, as JSON, in URLs and in form bodies, also one within
 * the other, in base64 wherever it begins in a longer value, and in hexadecimal.
 */
export function secretForms(secret: string): ReadonlySet<string> {
  const lines = [secret.trim(), ...secret.split(/[\r\n]+/).map((line) => line.trim())];
  if (secret.length > LONGEST_ENCODED) return new Set([secret, ...lines]);
  const packed = nested(nested([secret]));
  const bytes = [...new Set([secret, ...inJson(secret), ...lines])].flatMap(inBytes);
  return new Set([
    ...lines,
    ...packed.flatMap(written),
    ...nested(written(secret)),
    ...bytes.flatMap(written),
  ]);
}

/** Written the same everywhere; most tokens are, and few of them may take time. */
const SAME_EVERYWHERE = /^[\w.-]*$/;

/** The texts, and each of them as JSON and in a URL. */
function nested(texts: readonly string[]): string[] {
  const within = (text: string) =>
    SAME_EVERYWHERE.test(text) ? [text] : [text, JSON.stringify(text).slice(1, -1), inUrl(text)];
  return [...new Set(texts.flatMap(within))];
}

/** A text in all the ways in which it may be written. */
function written(text: string): string[] {
  return SAME_EVERYWHERE.test(text) ? [text] : [text, ...inJson(text), ...inUrls(text)];
}

/** As JavaScript writes it, as writers do that keep to ASCII, and as those that escape slashes. */
function inJson(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[^\0-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [json, ascii, ascii.replaceAll("/", "\\/")];
}

/** Writers differ in which signs they leave as they are, in how they write a blank, and in upper and lower case. */
function inUrls(text: string): string[] {
  const component = inUrl(text);
  const strict = component.replace(
    /[!'()*~]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const inBody = new URLSearchParams({ "": text }).toString().slice(1);
  const forms = [encodeURI(text.toWellFormed()), component, strict, inBody];
  return [...forms, ...forms.map((form) => form.replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase()))];
}

function inUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function inBytes(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const hex = bytes.toHex();
  return [bytes.toBase64(), ...[0, 1, 2].map((before) => base64After(before, bytes)), hex, hex.toUpperCase()]
    .flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** Base64 of a value that stands behind so many others: the characters that depend on its neighbours are cut off. */
function base64After(before: number, bytes: Uint8Array): string {
  const together = new Uint8Array(before + bytes.length);
  together.set(bytes, before);
  const complete = Math.floor(together.length * 8 / 6);
  return together.toBase64().slice(Math.ceil(before * 8 / 6), complete);
}
