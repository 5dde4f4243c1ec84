import { STATIC_CREDENTIALS, type TemporaryCredentials } from "./aws/aws_credentials.ts";
import type { BitbucketSettings } from "./pipelines/bitbucket_settings.ts";
import type { CodeBuildProject } from "./codebuild/codebuild_project.ts";
import { javaHome } from "./stand_in/java_shim.ts";

/** What a pipeline step, or a person's shell, needs to reach the local cloud. */
export function clientEnvironment(
  url: string,
  aws: {
    readonly region: string;
    readonly roleArn: string;
    readonly project: string;
    readonly keyArn: string;
  },
  { consumers: [consumer] }: BitbucketSettings,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: STATIC_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: STATIC_CREDENTIALS.secretAccessKey,
    AWS_ROLE_ARN: aws.roleArn,
    CODEBUILD_PROJECT: aws.project,
    // Not RUNNER_KMS_KEY: whether anything is sealed is for the user to say.
    LOCAL_CLOUD_KMS_KEY: aws.keyArn,
    ...bitbucketAddresses(url),
    ...(consumer === undefined ? {} : {
      BITBUCKET_OAUTH_CLIENT_ID: consumer.key,
      BITBUCKET_OAUTH_CLIENT_SECRET: consumer.secret,
    }),
    RUNNER_RELEASE_URL: `${url}/release`,
  };
}

function bitbucketAddresses(url: string): Record<string, string> {
  return { BITBUCKET_API_URL: `${url}/2.0`, BITBUCKET_OAUTH_TOKEN_URL: `${url}/site/oauth2/access_token` };
}

/** What CodeBuild's images set, where a stand-in runner finds the local Bitbucket, and what the build's role may use. */
export async function machineEnvironment(
  folder: string,
  url: string,
  role: TemporaryCredentials,
): Promise<Record<string, string>> {
  const java = await javaHome(folder, Deno.env.toObject());
  const dockerHost = Deno.env.get("DOCKER_HOST");
  return {
    PATH: `${java}/bin:${Deno.env.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin"}`,
    JAVA_HOME: java,
    LOCAL_CLOUD_URL: url,
    ...bitbucketAddresses(url),
    // CodeBuild itself hands the service role's credentials out at an address that containers alone reach.
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: role.accessKeyId,
    AWS_SECRET_ACCESS_KEY: role.secretAccessKey,
    AWS_SESSION_TOKEN: role.sessionToken,
    ...(dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost }),
  };
}

/** A project that carries the OAuth consumer, as one that keeps it in Parameter Store does. */
export function projectWithConsumer(name: string, env: Readonly<Record<string, string>>): CodeBuildProject {
  const names = ["BITBUCKET_OAUTH_CLIENT_ID", "BITBUCKET_OAUTH_CLIENT_SECRET"];
  return {
    name,
    environmentVariables: names.map((variable) => ({ name: variable, value: env[variable] ?? "" })),
  };
}
