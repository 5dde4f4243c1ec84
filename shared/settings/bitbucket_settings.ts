import { credential, text, webUrl, wholeNumber } from "./parse_value.ts";
import { type Setting, settingName } from "./settings.ts";

/** What both programs read to reach Bitbucket; only variables set it, since start-runner hands it on to the build. */
export const bitbucketSettings = {
  oauthClientId: {
    variables: ["BITBUCKET_OAUTH_CLIENT_ID"],
    help: "key of the OAuth consumer (with its secret)",
    parse: credential,
  },
  oauthClientSecret: {
    variables: ["BITBUCKET_OAUTH_CLIENT_SECRET"],
    help: "secret of the OAuth consumer",
    parse: credential,
    secret: true,
  },
  accessToken: {
    variables: ["BITBUCKET_ACCESS_TOKEN"],
    help: "repository, project or workspace access token",
    parse: credential,
    secret: true,
  },
  apiEmail: {
    variables: ["BITBUCKET_API_EMAIL"],
    help: "e-mail address of the account an API token belongs to",
    parse: text,
  },
  apiToken: {
    variables: ["BITBUCKET_API_TOKEN"],
    help: "API token (with its account's e-mail address)",
    parse: credential,
    secret: true,
  },
  apiUrl: {
    variables: ["BITBUCKET_API_URL"],
    help: "base URL of Bitbucket's API",
    parse: webUrl,
    fallback: "https://api.bitbucket.org/2.0",
  },
  tokenUrl: {
    variables: ["BITBUCKET_OAUTH_TOKEN_URL"],
    help: "URL at which an OAuth consumer gets its tokens",
    parse: webUrl,
    fallback: "https://bitbucket.org/site/oauth2/access_token",
  },
  apiTimeoutS: {
    variables: ["API_TIMEOUT"],
    help: "seconds one HTTP request may stay unanswered, 1-300",
    parse: wholeNumber(1, 300, "seconds"),
    fallback: 10,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** Who the programs are towards Bitbucket. */
export type BitbucketCredentials =
  | { readonly kind: "oauth"; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: "access token"; readonly token: string }
  | { readonly kind: "api token"; readonly email: string; readonly token: string };

const CREDENTIAL_KEYS = [
  "oauthClientId",
  "oauthClientSecret",
  "accessToken",
  "apiEmail",
  "apiToken",
] as const;
type CredentialKey = typeof CREDENTIAL_KEYS[number];
type CredentialValues = Partial<Readonly<Record<CredentialKey, string | undefined>>>;

/** The variables that carry a secret, whichever kind of credentials is in use. */
export const CREDENTIAL_VARIABLES: readonly string[] = CREDENTIAL_KEYS
  .flatMap((key) => bitbucketSettings[key].variables);

/**
 * Picks the kind of credentials that is given, the narrowest first: an access token, which may be one that start-runner
 * has got for this build, goes before an API token, and that before an OAuth consumer. Half a pair is a problem even
 * beside another kind, since somebody meant it to be used; one that `env` has and that cannot be used is a problem
 * already. No credentials at all is no problem here: whoever needs them says so.
 */
export function pickCredentials(
  values: CredentialValues,
  env: Readonly<Record<string, string>> = {},
): { credentials?: BitbucketCredentials; problems: string[] } {
  const { oauthClientId, oauthClientSecret, accessToken, apiEmail, apiToken } = values;
  const problems = [
    ...halfPair(values, "oauthClientId", "oauthClientSecret", env),
    ...halfPair(values, "apiEmail", "apiToken", env),
  ];
  if (accessToken) return { credentials: { kind: "access token", token: accessToken }, problems };
  if (apiEmail && apiToken) {
    return { credentials: { kind: "api token", email: apiEmail, token: apiToken }, problems };
  }
  if (oauthClientId && oauthClientSecret) {
    return {
      credentials: { kind: "oauth", clientId: oauthClientId, clientSecret: oauthClientSecret },
      problems,
    };
  }
  return { problems };
}

/** What the reader is told who has to provide credentials; names every kind. */
export const CREDENTIALS_REMEDY =
  "set BITBUCKET_ACCESS_TOKEN (a repository's own reaches nothing else), or BITBUCKET_API_EMAIL and BITBUCKET_API_TOKEN, or BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET";

function halfPair(
  values: CredentialValues,
  first: CredentialKey,
  second: CredentialKey,
  env: Readonly<Record<string, string>>,
): string[] {
  if (Boolean(values[first]) === Boolean(values[second])) return [];
  const [given, missing] = values[first] ? [first, second] : [second, first];
  const setting = bitbucketSettings[missing];
  if (setting.variables.some((name) => env[name])) return [];
  return [
    `Missing half of the Bitbucket credentials: ${settingName(bitbucketSettings[given])} is set, ` +
    `so set ${settingName(setting)} too (${setting.help}), or neither`,
  ];
}
