/** What walks an answer by calling itself copes with far more, and no answer of either platform comes near it. */
const DEEPEST = 100;
/** A hundred pipelines or builds hold a third of it; a checker of types may note several problems for each value. */
const MOST_VALUES = 100_000;

/**
 * Why a text is more than any answer is, as JSON or, where it begins with a tag, as XML; undefined when it may be parsed.
 * To be asked before: eight million brackets in a row take JSON.parse alone five seconds and 600 MB.
 */
export function beyondBounds(text: string): "nests too deep" | "holds too many values" | undefined {
  const steps = /^\s*</.test(text) ? xmlSteps(text) : jsonSteps(text);
  let depth = 0;
  let values = 0;
  for (const step of steps) {
    depth += step;
    if (depth > DEEPEST) return "nests too deep";
    if (step >= 0 && ++values > MOST_VALUES) return "holds too many values";
  }
  return undefined;
}

/** One for what opens, minus one for what closes, zero for another value beside the one before. */
type Step = 1 | 0 | -1;

const JSON_STEPS: Readonly<Record<string, Step>> = { "[": 1, "{": 1, ",": 0, "]": -1, "}": -1 };

function* jsonSteps(text: string): Generator<Step> {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? "";
    if (quoted && sign === "\\") at++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && JSON_STEPS[sign] !== undefined) yield JSON_STEPS[sign];
  }
}

function* xmlSteps(text: string): Generator<Step> {
  for (const [, closing, empty] of text.matchAll(/<(\/?)[^<>!?/][^<>]*?(\/?)>/g)) {
    yield closing ? -1 : empty ? 0 : 1;
  }
}
