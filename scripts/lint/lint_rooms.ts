import { floorProblem, impurity, isPure } from "./floors.ts";

/**
 * A plugin for `deno lint` that keeps the rooms and their floors apart: which folder may import which, where outside
 * packages come in, who may touch the world, write and end the process, and how files may not be called.
 */
const PROJECT = new URL("../../", import.meta.url);

const SHIPPED = ["cli", "agent", "shared"];

/** Which rooms a room may import; tests and scripts are not listed, since they may import everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  cli: ["cli", "shared"],
  agent: ["agent", "shared"],
  shared: ["shared", "deno.json"],
};

/**
 * The file of the shipped code that imports each outside package, so that replacing one touches one file. Two stand
 * where both programs need the package and share nothing of it.
 */
export const IMPORTERS: Readonly<Record<string, readonly string[]>> = {
  "@aws-sdk/client-cloudformation": ["cli/init/stacks.ts"],
  "@aws-sdk/client-cloudwatch-logs": ["shared/aws/aws_logs.ts"],
  "@aws-sdk/client-codebuild": ["shared/aws/aws_codebuild.ts"],
  "@aws-sdk/client-iam": ["cli/init/identity_providers.ts"],
  "@aws-sdk/client-kms": ["shared/aws/aws_kms.ts"],
  "@aws-sdk/client-secrets-manager": ["shared/aws/aws_secrets.ts"],
  "@aws-sdk/client-service-quotas": ["shared/aws/aws_quotas.ts"],
  "@aws-sdk/client-sts": ["shared/aws/aws_sts.ts"],
  "@smithy/core": ["shared/aws/aws_client.ts"],
  "@smithy/fetch-http-handler": ["shared/aws/aws_client.ts"],
  "commander": ["cli/options/command_line.ts"],
  "execa": ["agent/process/process.ts"],
  "ky": ["shared/calls/bitbucket_http.ts"],
  "yaml": ["cli/pipelines/positioned_yaml.ts"],
  "zod": ["agent/settings/agent_schema.ts", "shared/calls/bitbucket_schema.ts"],
};

const VAGUE_NAMES = ["utils", "util", "helpers", "helper", "types", "common", "misc", "mod", "index"];

const plugin: Deno.lint.Plugin = {
  name: "rooms",
  rules: {
    imports: { create: checkImports },
    exit: { create: checkExit },
    output: { create: checkOutput },
    pattern: { create: checkPattern },
    pure: { create: checkPure },
    "file-name": { create: checkFileName },
  },
};

export default plugin;

function checkImports(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const file = projectPath(context.filename);
  function check(node: Deno.lint.Node, source: { value: unknown } | null | undefined) {
    const message = typeof source?.value === "string" ? importProblem(file, source.value) : undefined;
    if (message !== undefined) context.report({ node, message });
  }
  return {
    ImportDeclaration: (node) => check(node, node.source),
    ExportNamedDeclaration: (node) => check(node, node.source),
    ExportAllDeclaration: (node) => check(node, node.source),
    ImportExpression(node) {
      const { source } = node;
      if (source.type === "Literal") return check(node, source);
      if (isShipped(file)) {
        context.report({ node, message: "A computed import cannot be bundled: write out what is imported" });
      }
    },
  };
}

/** Why a file may not import what it imports; undefined when it may. */
export function importProblem(file: string, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) return impurity(file, specifier);
  if (!specifier.startsWith(".")) {
    return isShipped(file) ? packageProblem(file, packageName(specifier)) : undefined;
  }
  const target = projectPath(new URL(specifier, new URL(file, PROJECT)).pathname);
  const room = roomOf(file);
  if (!isShipped(file) || MAY_IMPORT[room]?.includes(roomOf(target))) return floorProblem(file, target);
  return `${room}/ does not import ${roomOf(target)}/: move what both need to shared/`;
}

function packageProblem(file: string, name: string): string | undefined {
  const importers = IMPORTERS[name];
  if (importers?.includes(file)) return undefined;
  if (importers === undefined) {
    return `${name} has no importer yet: name one in IMPORTERS of scripts/lint/lint_rooms.ts`;
  }
  return `${name} is imported by ${importers.join(" and ")} alone: use what is exported there`;
}

function packageName(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function checkExit(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const file = projectPath(context.filename);
  if (!isShipped(file) || file.endsWith("/main.ts")) return {};
  return {
    MemberExpression(node) {
      const text = context.sourceCode.getText(node);
      if (text !== "Deno.exit" && text !== "process.exit") return;
      context.report({ node, message: "Only main.ts ends the process: return or throw instead" });
    },
  };
}

/** Where text becomes safe to show: see there. */
const WRITER = "shared/output/write_line.ts";

function checkOutput(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const file = projectPath(context.filename);
  if (!isShipped(file) || file === "shared/program/system_host.ts") return {};
  return {
    MemberExpression(node) {
      if (!/\bstd(out|err)\??\.write(Sync)?$/.test(context.sourceCode.getText(node))) return;
      context.report({
        node,
        message: `Only ${WRITER} writes: use writeLine(), writeObject() or writePage()`,
      });
    },
  };
}

/** A pattern that is put together cannot be tried beforehand, as tests/patterns_test.ts does with every one. */
function checkPattern(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (!isShipped(projectPath(context.filename))) return {};
  const check = (node: Deno.lint.CallExpression | Deno.lint.NewExpression) => {
    if (node.callee.type !== "Identifier" || node.callee.name !== "RegExp") return;
    context.report({ node, message: "A pattern is written out, so that a test can try it: use a literal" });
  };
  return { CallExpression: check, NewExpression: check };
}

function checkPure(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  if (!isPure(projectPath(context.filename))) return {};
  return {
    MemberExpression(node) {
      if (!/^(Deno\.\w+|Date\.now|Math\.random|performance\.\w+)$/.test(context.sourceCode.getText(node))) {
        return;
      }
      context.report({
        node,
        message: "What is decided here does not touch the world: let it come as an argument",
      });
    },
  };
}

function checkFileName(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const name = (projectPath(context.filename).split("/").at(-1) ?? "").replace(/\.[jt]s$/, "");
  return {
    Program(node) {
      if (VAGUE_NAMES.includes(name)) {
        context.report({ node, message: `«${name}» says nothing: name the file after its main export` });
      } else if (!/^[a-z0-9_]+(\.d)?$/.test(name)) {
        context.report({ node, message: `«${name}» is not snake_case` });
      }
    },
  };
}

function isShipped(file: string): boolean {
  return SHIPPED.includes(roomOf(file));
}

function roomOf(file: string): string {
  return file.split("/")[0] ?? "";
}

function projectPath(filename: string): string {
  const path = filename.replace(/^file:\/\//, "");
  return path.startsWith(PROJECT.pathname) ? path.slice(PROJECT.pathname.length) : path;
}
