/** One line of a build's log. */
export interface LogLine {
  readonly text: string;
  /** What CodeBuild itself says in it; undefined for what a command has written. */
  readonly said: string | undefined;
  /** Whether it repeats a command, or says nothing: no reader needs it. */
  readonly empty: boolean;
}

/** CodeBuild's own lines. Source: logs of builds, as in `[Container] 2026/11/29 12:00:00.123456 Entering phase INSTALL`. */
const OWN = /^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? (.*)$/;
/** What CodeBuild says before it repeats a command with all its lines, or before nothing at all. */
const REPEATING = /^(?:Running command |Command did not exit successfully |Phase context status code: )/;
/** What CodeBuild adds to the last line of a command that it repeats. */
const OUTCOME = /(?:\.? Reason:)? exit status \d{1,3}$/;

/**
 * The lines of a build's log, told apart. `commands` is what CodeBuild was given to run, whose lines it repeats one by one:
 * in a script they may read like a program's own words.
 */
export function readLogLines(lines: readonly string[], commands: string): LogLine[] {
  const known = new Set(commands.split("\n").map(bare));
  let repeating = false;
  return lines.map((text) => {
    const said = OWN.exec(text)?.[1];
    repeating = said === undefined ? repeating && known.has(bare(text)) : REPEATING.test(said);
    return { text, said, empty: repeating };
  });
}

/**
 * The places, from and up to but not including, of what the command has written that failed in a phase. A command that runs
 * after it, as under `finally`, is no part of it.
 */
export function failedCommandOutput(lines: readonly LogLine[], phase: string): [from: number, to: number] {
  const entered = lines.findLastIndex(({ said }) => said === `Entering phase ${phase}`) + 1;
  const over = lines.findIndex(({ said }, place) =>
    place >= entered && said !== undefined &&
    (said.startsWith("Command did not exit successfully ") || said.startsWith(`Phase complete: ${phase} `))
  );
  const to = over === -1 ? lines.length : over;
  const started = lines.slice(0, to).findLastIndex(({ said }) =>
    said?.startsWith("Running command ") === true
  );
  return [Math.max(entered, started + 1), to];
}

/** Whether the log tells of the phase's end, so that nothing of it is still on its way. */
export function tellsEndOf(lines: readonly LogLine[], phase: string): boolean {
  return lines.some(({ said }) => said?.startsWith(`Phase complete: ${phase} `));
}

function bare(line: string): string {
  return line.trim().replace(OUTCOME, "");
}
