import { credentialVariables } from "../../cli/setup/allowed_variables.ts";
import { UNGUARDED_OVERRIDES } from "../../cli/setup/build_overrides.ts";
import { serviceRolePermissions } from "../../cli/setup/service_role_permissions.ts";
import { CREDENTIALS_MODES, type CredentialsMode } from "../../cli/options/credentials_mode.ts";
import type { Setup } from "../../cli/setup/setup.ts";
import { documentsOf, PAGE_SETUP, PLACEHOLDER_KEY, STRICTER } from "./page_documents.ts";
import { prettyJson } from "../../cli/templates/pretty_json.ts";

/** A page with everything between `<!-- NAME:start -->` and `<!-- NAME:end -->` that is made of policies made anew. */
export function withPolicies(page: string): string {
  const parts = pageParts();
  return page.replace(/<!-- (\S+):start -->\n.*?<!-- \1:end -->/gs, (whole, name: string) => {
    const part = parts[name];
    return part === undefined ? whole : `<!-- ${name}:start -->\n\n${part}\n\n<!-- ${name}:end -->`;
  });
}

/** What the pages show of policies, by the name of its place. */
export function pageParts(): Record<string, string> {
  const usual = documentsOf(PAGE_SETUP);
  const stricter = documentsOf({ ...PAGE_SETUP, ...STRICTER });
  const sealed = documentsOf(sealedSetup("runner"));
  return {
    "trust": json(usual["trust.json"]),
    "permissions": json(usual["permissions.json"]),
    "service-trust": json(usual["service-trust.json"]),
    "service-permissions": json(usual["service-permissions.json"]),
    "session-permissions": json(
      documentsOf({ ...PAGE_SETUP, debug: true })["service-permissions.json"]?.Statement.at(-1),
    ),
    "stricter-permissions": json(stricter["permissions.json"]?.Statement[0]),
    "key-policy": json(sealed["key-policy.json"]),
    "overrides-without-key": unwrapped(UNGUARDED_OVERRIDES.map(code).join(", ")),
    "least-policies": modeTable(),
  };
}

function sealedSetup(credentials: CredentialsMode): Setup {
  return { ...PAGE_SETUP, credentials, kmsKey: PLACEHOLDER_KEY };
}

function json(value: unknown): string {
  return unwrapped(`\`\`\`json\n${prettyJson(value)}\n\`\`\``);
}

/** Markdown that the formatter is to leave as it is. */
function unwrapped(text: string): string {
  return `<!-- deno-fmt-ignore -->\n${text}`;
}

function modeTable(): string {
  const rows = CREDENTIALS_MODES.flatMap((credentials) => {
    const [open, sealed] = [{ ...PAGE_SETUP, credentials }, sealedSetup(credentials)];
    return credentials === "project" ? [modeRow(open)] : [modeRow(open), modeRow(sealed)];
  });
  const head = ["Credentials", "start-runner's role may set", "The builds' role may, beside writing the log"];
  return unwrapped([row(head), row(head.map(() => "---")), ...rows].join("\n"));
}

function modeRow(setup: Setup): string {
  const variables = credentialVariables(setup).map(code).join(", ");
  const [, ...statements] = serviceRolePermissions(setup).Statement;
  const actions = statements.flatMap(({ Action }) => [Action].flat()).map(code).join(", ");
  const mode = code(setup.credentials) + (setup.kmsKey === undefined ? "" : ", sealed");
  return row([mode, variables || "nothing of it", actions || "nothing"]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
