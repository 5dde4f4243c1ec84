import { type ApiCall, type ApiRequest, badRequest } from "../server/api_call.ts";
import { accessKeyOf, type AwsCredentials } from "./aws_credentials.ts";
import { type AwsOperation, identifyAwsJson } from "./aws_json.ts";
import type { EncryptionContext, Kms, KmsKey } from "./kms.ts";

/** KMS, as far as the sealing of secrets takes: the step's role may encrypt, the build's role decrypt, with the first key. */
export function identifyKms(kms: Kms, credentials: AwsCredentials, request: ApiRequest): ApiCall | undefined {
  const owner = credentials.ownerOf(accessKeyOf(request));
  const operations: Record<string, AwsOperation> = {
    Encrypt: (input) => {
      const context = contextIn(input);
      const { key, blob } = kms.encrypt(textIn(input, "KeyId"), bytesIn(input, "Plaintext"), context);
      if (owner === "build" || !isOurs(kms, key)) throw denied("Encrypt", kms.arn(key));
      return {
        CiphertextBlob: blob.toBase64(),
        KeyId: kms.arn(key),
        EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      };
    },
    Decrypt: (input) => {
      const context = contextIn(input);
      const { key, plaintext } = kms.decrypt(bytesIn(input, "CiphertextBlob"), context);
      if (owner === "step" || !isOurs(kms, key)) throw denied("Decrypt", kms.arn(key));
      const KeyId = kms.arn(key);
      return { Plaintext: plaintext.toBase64(), KeyId, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
    },
  };
  return identifyAwsJson("TrentService", operations, credentials, request);
}

/** Whether a key's policy speaks of the two roles. */
function isOurs(kms: Kms, key: KmsKey): boolean {
  return key === kms.keys[0];
}

function denied(action: string, arn: string) {
  return badRequest(
    "AccessDeniedException",
    `User is not authorized to perform: kms:${action} on resource: ${arn} because no identity-based policy allows the ` +
      `kms:${action} action`,
  );
}

function textIn(input: Record<string, unknown>, member: string): string {
  const value = input[member];
  if (typeof value === "string" && /^.{1,2048}$/.test(value)) return value;
  throw badRequest(
    "ValidationException",
    `1 validation error detected: Value at '${member}' is missing or bad`,
  );
}

function bytesIn(input: Record<string, unknown>, member: string): Uint8Array {
  const value = input[member];
  try {
    if (typeof value === "string") return Uint8Array.fromBase64(value);
  } catch {
    // Reported below, like everything that is no base64.
  }
  throw badRequest("SerializationException", `${member} is no base64`);
}

function contextIn(input: Record<string, unknown>): EncryptionContext {
  const context = input["EncryptionContext"] ?? {};
  const good = typeof context === "object" && !Array.isArray(context) &&
    Object.values(context).every((value) => typeof value === "string");
  if (!good) throw badRequest("SerializationException", "EncryptionContext is no map of strings");
  return context as EncryptionContext;
}
