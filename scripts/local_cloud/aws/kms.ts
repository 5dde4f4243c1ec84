import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { ApiRefusal, badRequest } from "../server/api_call.ts";

/** A symmetric key. `state` may be changed while the cloud runs. */
export interface KmsKey {
  /** The last part of its ARN. */
  readonly id: string;
  /** As in `alias/bitbucket-runner`. */
  readonly alias: string;
  state: "Enabled" | "Disabled" | "PendingDeletion";
}

export type EncryptionContext = Readonly<Record<string, string>>;

/** What AWS takes in bytes. Source: KMS's service model. */
const LONGEST_PLAINTEXT = 4096;
const LONGEST_CIPHERTEXT = 6144;
/** What AWS's ciphertexts have beyond their plaintext, in bytes, as seen in public examples; here too, since it counts. */
const OVERHEAD = 152;
/** AWS does not tell whether a key of somebody else's exists. */
const UNKNOWN_KEY =
  "The ciphertext refers to a customer master key that does not exist, does not exist in this " +
  "region, or you are not allowed to access.";
const [ID, IV, TAG] = [36, 12, 16];
/** The key's id, padding and the vector. */
const HEAD = OVERHEAD - TAG;

/** KMS's keys. What they seal stays sealed: AES-256-GCM with the encryption context as additional data. */
export class Kms {
  readonly keys: KmsKey[] = [
    { id: "11111111-2222-4333-8444-555555555555", alias: "alias/bitbucket-runner", state: "Enabled" },
    { id: "99999999-2222-4333-8444-555555555555", alias: "alias/other", state: "Enabled" },
  ];
  readonly #material = new Map(this.keys.map(({ id }) => [id, randomBytes(32)]));
  readonly #place: string;

  constructor(region: string, accountId: string) {
    this.#place = `arn:aws:kms:${region}:${accountId}:`;
  }

  /** The ARN of a key, the first one when left out. */
  arn({ id } = this.keys[0] ?? { id: "" }): string {
    return `${this.#place}key/${id}`;
  }

  encrypt(
    keyId: string,
    plaintext: Uint8Array,
    context: EncryptionContext,
  ): { key: KmsKey; blob: Uint8Array } {
    if (plaintext.length < 1 || plaintext.length > LONGEST_PLAINTEXT) {
      throw outOfBounds("plaintext", LONGEST_PLAINTEXT);
    }
    const key = this.#usable(this.#find(keyId));
    const head = Buffer.concat([Buffer.from(key.id), randomBytes(HEAD - ID)]);
    const cipher = createCipheriv("aes-256-gcm", this.#materialOf(key), head.subarray(-IV));
    cipher.setAAD(additional(head, context));
    return {
      key,
      blob: Buffer.concat([head, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]),
    };
  }

  decrypt(blob: Uint8Array, context: EncryptionContext): { key: KmsKey; plaintext: Uint8Array } {
    if (blob.length < 1 || blob.length > LONGEST_CIPHERTEXT) {
      throw outOfBounds("ciphertextBlob", LONGEST_CIPHERTEXT);
    }
    const id = new TextDecoder().decode(blob.subarray(0, ID));
    const known = this.keys.find((key) => key.id === id);
    if (blob.length <= OVERHEAD || !/^[0-9a-f-]+$/.test(id)) throw badRequest("InvalidCiphertextException");
    if (known === undefined) throw badRequest("AccessDeniedException", UNKNOWN_KEY);
    const key = this.#usable(known);
    const head = blob.subarray(0, HEAD);
    const decipher = createDecipheriv("aes-256-gcm", this.#materialOf(key), head.subarray(-IV));
    decipher.setAAD(additional(head, context));
    decipher.setAuthTag(blob.subarray(-TAG));
    try {
      const plaintext = Buffer.concat([decipher.update(blob.subarray(HEAD, -TAG)), decipher.final()]);
      return { key, plaintext };
    } catch {
      // AWS says no more of it than the name.
      throw badRequest("InvalidCiphertextException");
    }
  }

  #find(keyId: string): KmsKey {
    const name = keyId.startsWith(this.#place)
      ? keyId.slice(this.#place.length).replace(/^key\//, "")
      : keyId;
    const region = /^arn:aws:kms:([\w-]+):/.exec(name)?.[1];
    if (region !== undefined) throw badRequest("NotFoundException", `Invalid arn ${region}`);
    const key = this.keys.find(({ id, alias }) => name === id || name === alias);
    if (key !== undefined) return key;
    const what = name.startsWith("alias/")
      ? `Alias ${this.#place}${name}`
      : `Key '${this.#place}key/${name}'`;
    throw badRequest("NotFoundException", `${what} does not exist`);
  }

  #usable(key: KmsKey): KmsKey {
    if (key.state === "Enabled") return key;
    if (key.state === "Disabled") throw badRequest("DisabledException", `${this.arn(key)} is disabled.`);
    throw new ApiRefusal({
      status: 400,
      code: "KMSInvalidStateException",
      message: `${this.arn(key)} is pending deletion.`,
    });
  }

  #materialOf({ id }: KmsKey): Uint8Array {
    const material = this.#material.get(id);
    if (material === undefined) throw new Error(`The local cloud has no material for key ${id}`);
    return material;
  }
}

/** With the pairs in one order: AWS compares them without regard to theirs, but with regard to case. */
function additional(head: Uint8Array, context: EncryptionContext): Uint8Array {
  const pairs = JSON.stringify(Object.entries(context).sort(([a], [b]) => a < b ? -1 : 1));
  return Buffer.concat([head, Buffer.from(pairs)]);
}

function outOfBounds(member: string, most: number): ApiRefusal {
  return badRequest(
    "ValidationException",
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length ` +
      `less than or equal to ${most} and greater than or equal to 1`,
  );
}
