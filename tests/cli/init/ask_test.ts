import assert from "node:assert/strict";
import { agreed, askFor, type Asking, askMissing } from "../../../cli/init/ask.ts";
import { Logger } from "../../../shared/output/log.ts";
import { Redactor } from "../../../shared/output/redact.ts";
import { wholeNumber } from "../../../shared/settings/parse_value.ts";
import { quickHost } from "../../fixtures/quick_host.ts";

/** Somebody who types these lines. */
function typing(
  lines: readonly string[],
): Asking & { readonly shown: () => string; readonly hidden: boolean[] } {
  const left = [...lines];
  const hidden: boolean[] = [];
  const host = quickHost();
  return {
    host,
    log: new Logger(host, "text", new Redactor()),
    signal: new AbortController().signal,
    readLine: (ask, _signal, options) => {
      ask();
      hidden.push(options?.hidden ?? false);
      return Promise.resolve(left.shift());
    },
    shown: () => host.written.join(""),
    hidden,
  };
}

const DAYS = { flag: "--days <n>", variables: ["DAYS"], help: "days", parse: wholeNumber(1, 9, "days") };
const NEEDED = { ...DAYS, required: "the days" };

Deno.test("`askFor()` asks again until the answer can be read, and says why", async () => {
  const asking = typing(["ten", "", "7"]);
  assert.equal(await askFor(NEEDED, { text: "How many days" }, asking), "7");
  assert.equal(asking.shown().split("How many days: ").length, 4);
  assert.match(asking.shown(), /Cannot use «ten» from --days: .* a whole number of days from 1 to 9\n/);
});

Deno.test("`askFor()` takes an empty answer for what stands in brackets, or for none", async () => {
  const asking = typing(["", ""]);
  assert.equal(await askFor(DAYS, { text: "Days", fallback: "3" }, asking), "3");
  assert.match(asking.shown(), /^Days \[3\]: /);
  assert.equal(await askFor(DAYS, { text: "Days" }, asking), undefined);
});

Deno.test("`askFor()` shows no hidden answer", async () => {
  const asking = typing(["4"]);
  await askFor(DAYS, { text: "Days", hidden: true }, asking);
  assert.deepEqual(asking.hidden, [true]);
  assert.equal(asking.shown(), "Days: \n");
});

Deno.test("`askFor()` does not go on where the input has ended", async () => {
  await assert.rejects(askFor(NEEDED, { text: "Days" }, typing([])), /^ConfigurationError: The input ended/);
});

Deno.test("`agreed()` takes yes or no, and asks again for anything else", async () => {
  assert.equal(await agreed("Sure?", typing(["maybe", "YES"])), true);
  assert.equal(await agreed("Sure?", typing(["n"])), false);
  assert.equal(await agreed("Sure?", typing([""])), false);
});

Deno.test("`askMissing()` asks for nothing that flags or variables give", async () => {
  const settings = { days: NEEDED, more: { ...NEEDED, variables: [] } };
  const questions = { days: "Days", more: "More" };
  const asking = typing(["5"]);
  const answers = await askMissing(settings, questions, { flags: {}, env: { DAYS: "2" } }, asking);
  assert.deepEqual(answers, { more: "5" });
  assert.deepEqual(
    await askMissing(settings, questions, { flags: { days: "1", more: "2" }, env: {} }, asking),
    {
      days: "1",
      more: "2",
    },
  );
});
