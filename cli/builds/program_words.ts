/** As the installer, the agent and start-runner end or warn, with or without a time before it. */
const WORD = /^(?:[\dT:.-]{8,24}Z? )?((?:error|warning|hint): .+)$/;

/** The part of a log's line that is an error, a warning or a hint of the programs, also where they log JSON; else nothing. */
export function programWords(line: string): string[] {
  const word = WORD.exec(line)?.[1];
  if (word !== undefined) return [word];
  return line.startsWith("{") ? wordsOfObject(line) : [];
}

function wordsOfObject(line: string): string[] {
  const { level, message, hint } = parsed(line);
  if ((level !== "error" && level !== "warning") || typeof message !== "string") return [];
  return [`${level}: ${message}`, ...(typeof hint === "string" ? [`hint: ${hint}`] : [])];
}

function parsed(line: string): { level?: unknown; message?: unknown; hint?: unknown } {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
