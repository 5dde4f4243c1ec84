import { secretForms } from "./secret_forms.ts";
import { SecretPieces, type Span } from "./secret_pieces.ts";

const MASK = "***";
/** Shorter values would mask ordinary words; no credential of either platform is that short. */
const SHORTEST_SECRET = 6;

/** What is a secret by its place, behind what gives it away; bounded, so that no text makes them slow. */
const PLACES: readonly RegExp[] = [
  /(\b(?:Bearer|Basic)\s{1,20})[\w.~+/=-]{8,}/gi,
  /((?:client_?secret|access_?token|secret_?access_?key|session_?token|security-?token)\\{0,7}["']?\s{0,20}[=:]\s{0,20}\\{0,7}["']?)[^\s"',}&\\]{6,}/gi,
  /(:\/\/[^\s/:@"']{0,100}:)[^\s/@"']{1,200}(?=@)/g,
  /()\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b/g,
];

/**
 * Hides secrets in text: those it has been told of, in the forms that `secretForms()` knows, also broken over lines or in
 * pieces; and what is a secret by its place. Takes time that grows with the length of the text alone.
 */
export class Redactor {
  readonly #secrets = new Set<string>();
  /** Taken apart when the first text comes: many a program ends before that. */
  readonly #fresh = new Set<string>();
  readonly #pieces = new SecretPieces();

  /** Hides the value from now on; one of less than six characters is none. */
  add(secret: string | undefined): void {
    if (secret === undefined || secret.length < SHORTEST_SECRET || this.#secrets.has(secret)) return;
    this.#secrets.add(secret);
    this.#fresh.add(secret);
  }

  redact(text: string): string {
    for (const secret of this.#fresh) for (const form of secretForms(secret)) this.#pieces.add(form);
    this.#fresh.clear();
    const known = masked(text, this.#pieces.find(text));
    return PLACES.reduce((clean, place) => clean.replace(place, `$1${MASK}`), known);
  }
}

function masked(text: string, spans: readonly Span[]): string {
  let clean = "";
  let end = 0;
  for (const [from, to] of spans) {
    const begun = end > 0 && from <= end;
    if (!begun) clean += text.slice(end, from) + MASK;
    end = Math.max(end, to);
  }
  return clean + text.slice(end);
}
