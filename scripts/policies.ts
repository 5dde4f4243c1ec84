import { parseArgs } from "node:util";
import { CREDENTIALS_MODES } from "../cli/options/credentials_mode.ts";
import { systemHost } from "../shared/program/system_host.ts";
import { documentsOf, PAGE_SETUP, PLACEHOLDER_KEY, STRICTER } from "./setup/page_documents.ts";
import { templateFiles } from "./setup/template_files.ts";
import { withPolicies } from "./setup/policy_pages.ts";
import { prettyJson } from "../cli/templates/pretty_json.ts";

/** The pages that show policies. */
const PAGES = ["scripts/README.md", "shared/README.md"];

const { values } = parseArgs({
  options: {
    "credentials": { type: "string", default: PAGE_SETUP.credentials },
    "sealed": { type: "boolean", default: false },
    "debug": { type: "boolean", default: false },
    "custom-buildspec": { type: "boolean", default: false },
    "write": { type: "boolean", default: false },
  },
});

if (values.write) await writePages();
else printDocuments();

async function writePages(): Promise<void> {
  for (const page of PAGES) {
    const url = new URL(`../${page}`, import.meta.url);
    await Deno.writeTextFile(url, withPolicies(await Deno.readTextFile(url)));
  }
  for (const [name, text] of Object.entries(templateFiles())) {
    await Deno.writeTextFile(new URL(`setup/${name}`, import.meta.url), text);
  }
}

function printDocuments(): void {
  const credentials = CREDENTIALS_MODES.find((mode) => mode === values.credentials);
  if (credentials === undefined) {
    throw new Error(`--credentials takes one of ${CREDENTIALS_MODES.join(", ")}`);
  }
  const documents = documentsOf({
    ...PAGE_SETUP,
    ...(values["custom-buildspec"] ? STRICTER : {}),
    ...(values.sealed ? { kmsKey: PLACEHOLDER_KEY } : {}),
    debug: values.debug,
    credentials,
  });
  const { stdout } = systemHost();
  for (const [name, document] of Object.entries(documents)) {
    stdout.write(`${name}:\n${prettyJson(document)}\n\n`);
  }
}
