import { CALL_NAMES, FAULT_KINDS, type FaultOrder } from "./faults.ts";

/**
 * Reads a fault from a command line: `StartBuild=throttling:3` strikes three times, without a number once, with `:always` each
 * time; `*` is any call, and a kind's spaces may be hyphens. Throws an error that lists the calls or kinds there are.
 */
export function parseFault(text: string): FaultOrder {
  const [, name = "", kindText = "", timesText = "1"] = /^([^=]*)=([^:]*)(?::(.*))?$/.exec(text) ?? [];
  const call = ["*" as const, ...CALL_NAMES].find((known) => known === name);
  if (call === undefined) {
    throw new Error(
      `Cannot use --fault ${text}: it takes CALL=KIND[:TIMES], with a call of *, ${CALL_NAMES.join(", ")}`,
    );
  }
  const kind = FAULT_KINDS.find((known) => hyphenated(known) === hyphenated(kindText));
  if (kind === undefined) {
    throw new Error(
      `Cannot use --fault ${text}: it takes a kind of ${FAULT_KINDS.map(hyphenated).join(", ")}`,
    );
  }
  const times = timesText === "always"
    ? Infinity
    : /^[1-9]\d*$/.test(timesText)
    ? Number(timesText)
    : undefined;
  if (times === undefined) {
    throw new Error(`Cannot use --fault ${text}: it strikes a whole number of times, or always`);
  }
  return { call, kind, times };
}

function hyphenated(kind: string): string {
  return kind.toLowerCase().replaceAll(" ", "-");
}
