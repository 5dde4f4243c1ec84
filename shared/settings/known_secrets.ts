import { Redactor } from "../output/redact.ts";
import { valueOr } from "../program/value_or.ts";
import type { Settings } from "./settings.ts";

/** What AWS's SDKs and containers, and Bitbucket's steps, have in their environment besides what the programs read. */
const SECRETS_OF_PLATFORMS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_SECURITY_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "BITBUCKET_STEP_OIDC_TOKEN",
  "PIPELINES_JWT_TOKEN",
];

/** Addresses that may hold a password, also those that a pipeline names for its build. */
const ADDRESS =
  /^(?:CODEBUILD_ENV_)?(?:(?:HTTPS?|ALL)_PROXY|RUNNER_RELEASE_URL|BITBUCKET_API_URL|BITBUCKET_OAUTH_TOKEN_URL|AWS_ENDPOINT_URL(?:_\w+)?)$/i;

/**
 * A redactor that knows every secret of a program's environment: what its settings call secret, what the platforms put
 * there, and passwords within addresses.
 */
export function redactorFor(settings: Settings, env: Readonly<Record<string, string>>): Redactor {
  const redactor = new Redactor();
  const own = Object.values(settings).filter(({ secret }) => secret).flatMap(({ variables }) => variables);
  for (const name of [...own, ...SECRETS_OF_PLATFORMS]) redactor.add(env[name]);
  for (const [name, value] of Object.entries(env)) {
    for (const password of ADDRESS.test(name) ? passwordsIn(value) : []) redactor.add(password);
  }
  return redactor;
}

/** As it stands in the address, which may begin without its protocol, and as it is sent. */
function passwordsIn(address: string): string[] {
  const { password = "" } = URL.parse(address.includes("://") ? address : `http://${address}`) ?? {};
  return [password, valueOr("", () => decodeURIComponent(password))];
}
