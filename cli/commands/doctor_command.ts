import { cleanText, writeLine, writePage } from "../../shared/output/write_line.ts";
import type { Redactor } from "../../shared/output/redact.ts";
import { EXIT_CODES } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { text } from "../../shared/settings/parse_value.ts";
import { readSettings } from "../../shared/settings/settings.ts";
import { doctorConfig } from "../doctor/doctor_config.ts";
import { withHeartbeat } from "../progress/heartbeat.ts";
import { examine } from "../doctor/examine.ts";
import type { Finding } from "../doctor/finding.ts";
import { switchOption } from "../options/option_values.ts";
import { startOptions } from "../options/options.ts";
import { type Command, refuseProblems } from "./command.ts";

const ownOptions = {
  pipelines: {
    flag: "--pipelines <file>",
    variables: [],
    help:
      "the pipelines to look at (default: bitbucket-pipelines.yml of the current folder, where there is one)",
    parse: text,
  },
  json: switchOption("--json", "write an array of objects, one for each finding"),
} as const;

const { dryRun: _starts, ...checkedOptions } = startOptions;

/** Looks at everything that a start and its build need, and changes nothing. */
export const doctorCommand: Command = {
  name: "doctor",
  operands: [],
  options: { ...ownOptions, ...checkedOptions },
  about:
    "Checks every condition of a working set-up, in the step or on a laptop, and says what to change. It changes\n" +
    "nothing. Give it the options and variables that a start has: they are what it checks.",
  more:
    `Each finding is one line: ok, FAIL or unknown (what cannot be told from here), the check, what was found,
and below it what to change. ok may come with a remedy too, where something would be better.

Exit codes:
  0    nothing fails
  1    at least one check fails
  2    the command line itself cannot be used
`,
  async run(line, { host, log, signal }) {
    const { values, problems: own } = readSettings(ownOptions, line.flags, host.env);
    refuseProblems([...line.problems, ...own], "doctor");
    const { config, problems } = doctorConfig(line.flags, host.env);
    const findings = await withHeartbeat({ host, log }, (heartbeat) => {
      heartbeat.waitsFor("doctor", "checking");
      return examine({ host, log, config, problems, pipelines: values.pipelines, signal });
    });
    const write = values.json ? writeObject : writeText;
    write(host, findings, log.redactor);
    return findings.some(({ verdict }) => verdict === "FAIL") ? EXIT_CODES.failed : EXIT_CODES.ok;
  },
};

function writeObject(
  { stdout }: Pick<Host, "stdout">,
  findings: readonly Finding[],
  redactor: Redactor,
): void {
  const clean = (text: string | undefined) => text === undefined ? undefined : cleanText(text, redactor);
  const shown = findings.map(({ check, verdict, detail, remedy, place }) => ({
    check,
    verdict,
    detail: clean(detail),
    remedy: clean(remedy),
    place: clean(place),
  }));
  writePage(stdout, `${JSON.stringify(shown, null, 2)}\n`);
}

const INDENT = " ".repeat(7);

function writeText({ stdout }: Pick<Host, "stdout">, findings: readonly Finding[], redactor: Redactor): void {
  for (const { check, verdict, detail, remedy, place } of findings) {
    const where = place === undefined ? "" : `${place}: `;
    writeLine(stdout, `${where}${detail}`, redactor, `${verdict.padEnd(7)} ${check.padEnd(14)} `);
    if (remedy !== undefined) writeLine(stdout, remedy, redactor, `${INDENT} remedy: `);
  }
  const count = (wanted: Finding["verdict"]) => findings.filter(({ verdict }) => verdict === wanted).length;
  writeLine(stdout, `${count("FAIL")} FAIL, ${count("unknown")} unknown, ${count("ok")} ok`, redactor);
}
