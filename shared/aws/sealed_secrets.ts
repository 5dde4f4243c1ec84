import { ConfigurationError } from "../program/errors.ts";
import { IDENTITY_VARIABLES, SEALED_VARIABLE } from "../settings/forwarded_variables.ts";
import type { AwsOptions } from "./aws_client.ts";

/** What the seal is bound to, Bitbucket's UUIDs in their braces; no other pipeline's build opens it. */
export interface SealContext {
  readonly workspace: string;
  readonly repository: string;
  readonly pipeline: string;
}

/**
 * How the text begins; whatever else is in it may change with it. After it stands, in base64, what KMS made of the deflated
 * JSON. KMS seals 4,096 bytes itself, and of these no more than 3,072 fit into a variable's 4,096 characters: a data key
 * beside them (envelope encryption) would only take room away.
 */
const FORMAT = "v1.";
/** What StartBuild takes as a variable's value, in characters. Source: its own message. */
const LONGEST_VALUE = 4096;

/**
 * Seals named values into one text for `SEALED_VARIABLE`, another one each time. Rejects with `AwsCallError` as KMS does, and
 * with `ConfigurationError` where it gets longer than a variable may be.
 */
export async function seal(
  options: AwsOptions,
  secrets: Readonly<Record<string, string>>,
  by: { readonly keyId: string; readonly context: SealContext },
  signal?: AbortSignal,
): Promise<string> {
  const plain = await through(
    new CompressionStream("deflate-raw"),
    new TextEncoder().encode(JSON.stringify(secrets)),
  );
  const least = FORMAT.length + base64Length(plain.length);
  if (least > LONGEST_VALUE) throw tooLong(secrets, `at least ${least}`);
  const { createKms } = await import("./aws_kms.ts");
  const { keyId, context } = by;
  const ciphertext = await createKms(options).encrypt(plain, { keyId, context: pairs(context) }, signal);
  const text = FORMAT + ciphertext.toBase64();
  if (text.length > LONGEST_VALUE) throw tooLong(secrets, String(text.length));
  return text;
}

/**
 * The values that were sealed with this very context. Rejects with `AwsCallError` as KMS does, and with `ConfigurationError`
 * where the text is none of `seal()`; no error shows the text or what is in it.
 */
export async function unseal(
  options: AwsOptions,
  text: string,
  context: SealContext,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const ciphertext = ciphertextOf(text.trim());
  const { createKms } = await import("./aws_kms.ts");
  const plain = await createKms(options).decrypt(ciphertext, pairs(context), signal);
  return await secretsIn(plain);
}

/** A seal's context as messages name it. */
export function inWords(context: SealContext): string {
  return Object.entries(pairs(context)).map(([name, value]) => `${name}=${value}`).join(", ");
}

/** Named one by one, so that nothing else a caller's object carries becomes part of the seal. */
function pairs({ workspace, repository, pipeline }: SealContext): Record<string, string> {
  return { workspace, repository, pipeline };
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function tooLong(secrets: Readonly<Record<string, string>>, length: string): ConfigurationError {
  const names = Object.keys(secrets);
  const problem =
    `Cannot seal ${names.join(", ")} into ${SEALED_VARIABLE}: CodeBuild takes values of at most ` +
    `${LONGEST_VALUE} characters, this one would have ${length}`;
  const ofRunners = IDENTITY_VARIABLES.some((name) => names.includes(name));
  return new ConfigurationError([problem], {
    hint: ofRunners
      ? "start fewer runners in one build: --runners or RUNNER_COUNT"
      : "keep the longest of them in Secrets Manager or Parameter Store, and refer to it there: " +
        "with CODEBUILD_SECRET_NAME or CODEBUILD_SSM_NAME, or in the CodeBuild project's environment",
  });
}

function ciphertextOf(text: string): Uint8Array<ArrayBuffer> {
  if (!text.startsWith(FORMAT)) {
    const another = /^v\d+\./.exec(text)?.[0];
    throw unusable(
      another === undefined
        ? `it does not begin with ${FORMAT}`
        : `it begins with ${another}, which this version of the agent does not know`,
    );
  }
  try {
    return Uint8Array.fromBase64(text.slice(FORMAT.length));
  } catch {
    throw unusable("it is no base64");
  }
}

/** What KMS opens is bounded: 4,096 bytes inflate to 4 MB at most. */
async function secretsIn(plain: Uint8Array): Promise<Readonly<Record<string, string>>> {
  try {
    const inflated = await through(new DecompressionStream("deflate-raw"), new Uint8Array(plain));
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(inflated));
    if (isRecordOfTexts(value)) return value;
  } catch {
    // What is wrong with it would be told in its own words, which are secret.
  }
  throw unusable("KMS has opened it, but there are no variables in it");
}

function isRecordOfTexts(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, text]) =>
    /^[A-Za-z_]\w*$/.test(name) && typeof text === "string"
  );
}

function unusable(why: string): ConfigurationError {
  return new ConfigurationError([`Cannot open ${SEALED_VARIABLE}: ${why}`], {
    hint:
      `start-runner sets ${SEALED_VARIABLE}, with --kms-key or RUNNER_KMS_KEY: nobody else may set or shorten it, and ` +
      "the agent must be of start-runner's own version",
  });
}

async function through(
  stream: TransformStream<BufferSource, Uint8Array<ArrayBuffer>>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response(new Blob([bytes]).stream().pipeThrough(stream)).bytes();
}
