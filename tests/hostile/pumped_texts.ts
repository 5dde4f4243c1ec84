import type { Pattern } from "./pattern_steps.ts";

/** What a repeated part of a text may be, in parts of the pattern. */
const LONGEST_UNIT = 4;
/** Characters that are tried for what a pattern takes, the common ones first. */
const CHARACTERS = ["a", "1", " ", "A", ..."-._:/=@,;\"'{}[]()<>|&?!#%+*$~`^\\\t\n"];

/** Texts, of about a length, that a pattern may be slow on: what parts of it match, over and over. */
export function pumpedTexts(pattern: Pattern, length: number): string[] {
  const parts = words(samples(pattern));
  const texts: string[] = [];
  for (let from = 0; from < parts.length; from++) {
    for (let to = from + 1; to <= Math.min(from + LONGEST_UNIT, parts.length); to++) {
      const unit = parts.slice(from, to).join("");
      const pumped = unit.repeat(Math.ceil(length / unit.length));
      for (const before of new Set(["", parts.slice(0, from).join("")])) {
        // An end that nothing takes, none, and a new line.
        for (const after of ["\0", "", "\n\0"]) texts.push(before + pumped + after);
      }
    }
  }
  return texts;
}

interface Sample {
  readonly text: string;
  /** Whether it stands for itself, so that it makes a word with its neighbours. */
  readonly literal: boolean;
}

function samples(pattern: Pattern): Sample[] {
  switch (pattern.kind) {
    case "one": {
      const text = CHARACTERS.find(pattern.test) ?? pattern.source.at(-1) ?? "";
      return [{
        text,
        literal: pattern.test(pattern.source.at(-1) ?? "") && !/^[[.]|^\\[a-z]/i.test(pattern.source),
      }];
    }
    case "sequence":
    case "choice":
      return pattern.parts.flatMap(samples);
    case "repeat":
    case "look":
      return samples(pattern.part).map((sample) => ({ ...sample, literal: false }));
    case "edge":
      return [];
  }
}

function words(samples: readonly Sample[]): string[] {
  const found: string[] = [];
  let open = false;
  for (const { text, literal } of samples) {
    if (literal && open) found.push((found.pop() ?? "") + text);
    else found.push(text);
    open = literal;
  }
  return found;
}
