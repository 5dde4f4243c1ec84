import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { retryUnusableAnswers } from "./aws_answers.ts";
import { type AwsOptions, clientSettings } from "./aws_client.ts";
import { callAws } from "./aws_errors.ts";

/** What a ciphertext is bound to: KMS opens it with exactly the same pairs, writes them to CloudTrail, and policies know them. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** KMS as the programs use it. Failures are `AwsCallError`; passing faults have been retried by then. */
export interface Kms {
  /** At most 4,096 bytes; `keyId` is a key's id or ARN, or an alias's name or ARN. */
  encrypt(
    plaintext: Uint8Array,
    by: { readonly keyId: string; readonly context: EncryptionContext },
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
  /** The ciphertext itself says which key it takes. */
  decrypt(ciphertext: Uint8Array, context: EncryptionContext, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Makes the client for KMS. */
export function createKms(options: AwsOptions): Kms {
  const client = new KMSClient(clientSettings("KMS", options));
  retryUnusableAnswers(client, missingPart);
  return {
    encrypt: (Plaintext, { keyId: KeyId, context: EncryptionContext }, signal) =>
      callAws("Encrypt", signal, async (sending) => {
        const command = new EncryptCommand({ KeyId, Plaintext, EncryptionContext });
        return bytesOf((await client.send(command, sending)).CiphertextBlob);
      }),
    decrypt: (CiphertextBlob, EncryptionContext, signal) =>
      callAws("Decrypt", signal, async (sending) => {
        const command = new DecryptCommand({ CiphertextBlob, EncryptionContext });
        return bytesOf((await client.send(command, sending)).Plaintext);
      }),
  };
}

/** What an answer must hold, whichever of the calls it answers. */
function missingPart(output: Record<string, unknown>): string | undefined {
  const found = ["CiphertextBlob", "Plaintext"].some((part) => output[part] instanceof Uint8Array);
  return found ? undefined : "ciphertext or plaintext";
}

function bytesOf(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes !== undefined) return bytes;
  throw new TypeError("the answer has other bytes than were asked for");
}
