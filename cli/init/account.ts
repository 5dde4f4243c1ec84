import type { AwsOptions } from "../../shared/aws/aws_client.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import type { Logger } from "../../shared/output/log.ts";
import { identityProvider } from "../setup/start_role_trust.ts";
import type { InitValues } from "./init_options.ts";
import type { FoundAccount } from "./installation_from.ts";

/** What looking at the account takes. */
export interface AccountLook {
  readonly options: AwsOptions;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The account that was named, or else that of the AWS credentials. Rejects with `AwsCallError` where there is neither. */
export async function findAccount(values: InitValues, look: AccountLook): Promise<FoundAccount> {
  const account = values.account ?? await callersAccount(look);
  return { account, providerExists: values.existingProvider ?? await hasProvider(values, look) };
}

async function callersAccount({ options, log, signal }: AccountLook): Promise<string> {
  const { callerIdentity } = await import("../../shared/aws/aws_sts.ts");
  const { account, arn } = await callerIdentity(options, signal);
  log.info(`AWS account ${account}, as ${arn}`);
  return account;
}

/** Where IAM does not tell, it is taken to be missing: a second one is refused, and nothing else happens. */
async function hasProvider(values: InitValues, { options, log, signal }: AccountLook): Promise<boolean> {
  const name = identityProvider(values);
  try {
    const { identityProviders } = await import("./identity_providers.ts");
    const arns = await identityProviders(options, signal);
    return arns.some((arn) => arn.endsWith(`:oidc-provider/${name}`));
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    log.warning(
      `Not known whether the account has the identity provider already, so it is to be made; ` +
        `if it has, give --existing-provider: ${error.message}`,
    );
    return false;
  }
}
