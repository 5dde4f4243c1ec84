const MASK = "***";
/** Shorter values would mask ordinary words; no credential of either platform is that short. */
const SHORTEST_SECRET = 6;

const PATTERNS: readonly RegExp[] = [
  /(?<=\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}/gi,
  /(?<=client_?secret["']?\s*[=:]\s*["']?)[^\s"',}&]{6,}/gi,
  /(?<=access_token["']?\s*[=:]\s*["']?)[^\s"',}&]{6,}/gi,
];

/** Hides secrets in text: those it has been told of, and what is a secret by its place. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Also hides the forms in which the value appears in URLs, form bodies, JSON and base64. */
  add(secret: string | undefined): void {
    if (secret === undefined || secret.length < SHORTEST_SECRET) return;
    for (const form of [secret, ...percentEncoded(secret), inJson(secret), base64(secret)]) {
      this.#secrets.add(form);
    }
  }

  redact(text: string): string {
    let clean = text;
    const longestFirst = [...this.#secrets].sort((a, b) => b.length - a.length);
    for (const secret of longestFirst) clean = clean.replaceAll(secret, MASK);
    for (const pattern of PATTERNS) clean = clean.replace(pattern, MASK);
    return clean;
  }
}

/** URLs and form bodies differ in how they write spaces and some signs. */
function percentEncoded(text: string): string[] {
  return [encodeURIComponent(text), new URLSearchParams({ "": text }).toString().slice(1)];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
