import { configFlags, mainModule } from "../programs/checkout.ts";
import { type LockedPackage, lockedPackages } from "./lock_file.ts";

/** What the notices are made of. */
export interface NoticesOptions {
  readonly lockText: string;
  /** Names of the packages that shipped code imports. */
  readonly packages: readonly string[];
  /** Where Deno keeps npm's packages, a folder for each registry; of this machine by default. */
  readonly npmCache?: string;
  readonly denoVersion: string;
  /** The text of the project's own licence, which is Deno's too but for the first lines. */
  readonly license: string;
}

const RULE = "-".repeat(80);
/** The name of a file with a licence or what has to be told along with it. */
const LICENSE_FILE = /^(licen[cs]e|notice|copying)/i;

/** The licences of everything by others that is in the executables, in the order of their names. */
export async function thirdPartyNotices(options: NoticesOptions): Promise<Uint8Array> {
  const cache = options.npmCache ?? await npmCache();
  const packages = lockedPackages(options.lockText, options.packages);
  const notices = await Promise.all(packages.map((locked) => packageNotice(cache, locked)));
  const parts = notices.map((notice) => written(notice, notices));
  const text = [INTRODUCTION, denoNotice(options), ...parts].join(`\n${RULE}\n\n`);
  return new TextEncoder().encode(text);
}

const INTRODUCTION =
  "The executables of aws-bitbucket-runner hold what follows, under the licences given there.\n";

/** Source: Deno's LICENSE.md. What Deno is made of, V8 above all, is listed where its source is. */
function denoNotice({ denoVersion, license }: NoticesOptions): string {
  const terms = license.slice(license.indexOf("Permission is hereby granted"));
  return `deno ${denoVersion} (MIT)\n\nCopyright 2018-2026 the Deno authors\n\n${terms}\n` +
    "Deno holds V8 (BSD-3-Clause, Copyright the V8 project authors) and Rust crates, which\n" +
    `https://github.com/denoland/deno/tree/v${denoVersion} lists with their licences.\n`;
}

interface Notice {
  readonly head: string;
  readonly license: string;
  /** Empty where the package's archive has none. */
  readonly text: string;
}

async function packageNotice(cache: string, { name, version }: LockedPackage): Promise<Notice> {
  const folder = await packageFolder(cache, name, version);
  const { license } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const files = [...Deno.readDirSync(folder)].filter((file) => file.isFile && LICENSE_FILE.test(file.name))
    .map((file) => file.name).sort();
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${folder}/${file}`)));
  return {
    head: `${name} ${version}`,
    license,
    text: texts.map((text) => `${text.replaceAll("\r\n", "\n").trim()}\n`).join("\n"),
  };
}

/** Some packages only name their licence; its text has to stand somewhere in the file. */
function written({ head, license, text }: Notice, all: readonly Notice[]): string {
  const like = text === "" ? all.find((one) => one.license === license && one.text !== "") : undefined;
  if (text === "" && like === undefined) {
    throw new Error(`Cannot find the text of ${head}'s licence, ${license}`);
  }
  const terms = like === undefined
    ? text
    : `Its package has no text of the licence; it is that of ${like.head}.\n`;
  return `${head} (${license})\n\n${terms}`;
}

async function packageFolder(cache: string, name: string, version: string): Promise<string> {
  for await (const registry of Deno.readDir(cache)) {
    const folder = `${cache}/${registry.name}/${name}/${version}`;
    if (await Deno.stat(folder).then(() => true, () => false)) return folder;
  }
  throw new Error(`Cannot find the licence of ${name} ${version}: ${cache} has no such package`);
}

/** Packages are fetched when something needs them, which making a release by itself does not. */
async function npmCache(): Promise<string> {
  await deno("cache", "-q", ...configFlags(), mainModule("start-runner"), mainModule("codebuild-agent"));
  return JSON.parse(await deno("info", "--json")).npmCache;
}

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (!success) throw new Error(`Cannot fetch the packages: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
