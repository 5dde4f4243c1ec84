import assert from "node:assert/strict";
import { Logger } from "../../../shared/output/log.ts";
import { Redactor } from "../../../shared/output/redact.ts";

const NOON = Date.parse("2026-11-21T12:00:00.250Z");

function logged(format: "text" | "json", write: (log: Logger) => void): string {
  let text = "";
  const redactor = new Redactor();
  redactor.add('hush"hush');
  write(new Logger({ now: () => NOON, stderr: { write: (part) => void (text += part) } }, format, redactor));
  return text;
}

const CASES: readonly {
  name: string;
  write: (log: Logger) => void;
  text: string;
  json: Record<string, unknown>;
}[] = [
  {
    name: "an info with fields",
    write: (log) => log.info("Build started", { build: "a:1", count: 2 }),
    text: "12:00:00Z Build started\n",
    json: { level: "info", message: "Build started", build: "a:1", count: 2 },
  },
  {
    name: "a line about one of several",
    write: (log) => {
      const { machine } = { machine: 2 };
      log.about({ words: `Machine ${machine}: `, fields: { machine } }).info("queued 3 s", {
        phase: "QUEUED",
      });
    },
    text: "12:00:00Z Machine 2: queued 3 s\n",
    json: { level: "info", message: "Machine 2: queued 3 s", machine: 2, phase: "QUEUED" },
  },
  {
    name: "a warning",
    write: (log) => log.warning("It is late"),
    text: "12:00:00Z warning: It is late\n",
    json: { level: "warning", message: "It is late" },
  },
  {
    name: "an error",
    write: (log) => log.error("It broke"),
    text: "12:00:00Z It broke\n",
    json: { level: "error", message: "It broke" },
  },
  {
    name: "a line of another log",
    write: (log) => log.quote("curl: (6)"),
    text: "12:00:00Z   | curl: (6)\n",
    json: { level: "info", message: "curl: (6)", quoted: true },
  },
  {
    name: "a hostile branch",
    write: (log) => log.warning("Branch x\nerror: forged\x1b[2J", { branch: "x\r\u202e" }),
    text: "12:00:00Z warning: Branch x\\nerror: forged\\x1b[2J\n",
    json: { level: "warning", message: "Branch x\\nerror: forged\\x1b[2J", branch: "x\\r\\u{202e}" },
  },
  {
    name: "a secret",
    write: (log) => log.info('It is hush"hush', { where: 'x=hush"hush' }),
    text: "12:00:00Z It is ***\n",
    json: { level: "info", message: "It is ***", where: "x=***" },
  },
  {
    name: "what concerns one of several runners",
    write: (log) =>
      log.about({ words: "[2] ", fields: { runnerNumber: 2 } }).info("The runner is stopped", {
        runner: "two",
      }),
    text: "12:00:00Z [2] The runner is stopped\n",
    json: { level: "info", message: "[2] The runner is stopped", runnerNumber: 2, runner: "two" },
  },
  {
    name: "a warning of one of several runners",
    write: (log) => log.about({ words: "[12] ", fields: { runnerNumber: 12 } }).warning("It is late"),
    text: "12:00:00Z warning: [12] It is late\n",
    json: { level: "warning", message: "[12] It is late", runnerNumber: 12 },
  },
];

for (const { name, write, text, json } of CASES) {
  Deno.test(`\`Logger\` writes ${name} as one line of text, or one object`, () => {
    assert.equal(logged("text", write), text);
    const line = logged("json", write);
    assert.equal(line.indexOf("\n"), line.length - 1);
    assert.deepEqual(JSON.parse(line), { time: "2026-11-21T12:00:00.250Z", ...json });
  });
}
