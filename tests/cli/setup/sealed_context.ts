import { REPOSITORY, WORKSPACE } from "../../fixtures/servers/fake_bitbucket_state.ts";

type Values = Readonly<Record<string, string>>;

const PIPELINE = "{11111111-1111-4111-8111-111111111111}";
/** The encryption context of a build of the sample setup. */
const OWN: Values = { workspace: WORKSPACE, repository: REPOSITORY, pipeline: PIPELINE };

/** What IAM is told of a call to KMS with this encryption context. Source: AWS KMS condition keys. */
function keysOf(context: Values): Record<string, string | readonly string[]> {
  const names = Object.keys(context);
  if (names.length === 0) return {};
  const values = Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
  return { "kms:EncryptionContextKeys": names, ...Object.fromEntries(values) };
}

/** The context of a build's own sealing. */
export const OWN_CONTEXT = keysOf(OWN);

const { pipeline: _, ...withoutPipeline } = OWN;
const { repository: __, ...withoutRepository } = OWN;

/** Contexts that are not, each wrong in one thing. */
export const WRONG_CONTEXTS = [
  {},
  { ...OWN, workspace: "{99999999-9999-4999-8999-999999999999}" },
  { ...OWN, repository: "{99999999-9999-4999-8999-999999999999}" },
  { ...OWN, repository: REPOSITORY.replace(/[{}]/g, "") },
  withoutPipeline,
  withoutRepository,
  { ...OWN, branch: "main" },
  { ...withoutPipeline, Pipeline: PIPELINE },
].map(keysOf);
