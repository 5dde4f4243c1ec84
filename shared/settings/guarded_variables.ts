/**
 * Where the build's secrets are sent, and what runs beside them: the project alone says so, or an option of start-runner
 * that names them and is seen in its log.
 */
export const PROJECTS_VARIABLES = [
  "BITBUCKET_API_URL",
  "BITBUCKET_OAUTH_TOKEN_URL",
  "RUNNER_IMAGE",
  "RUNNER_HOME",
] as const;
export type ProjectsVariable = typeof PROJECTS_VARIABLES[number];

/**
 * Variables by which programs of a build run or load other code, trust other servers or talk to another Docker. Sources:
 * manuals of the dynamic linker, the C library, the shells, interpreters, tar, gzip, curl, Git, Docker, Java, Node and Deno,
 * and the AWS SDKs' reference guide; facts on Atlassian's runner for its own.
 */
const LOADERS: readonly RegExp[] = [
  /^(?:PATH|SHELL|IFS|ENV|BASH_.*|BASHOPTS|SHELLOPTS|PS4|PROMPT_COMMAND|CDPATH|ZDOTDIR|FPATH|HOME|XDG_.*)$/i,
  /^(?:LD_.*|GCONV_PATH|GLIBC_TUNABLES|NLSPATH|LOCPATH|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN)$/i,
  // The installer unpacks with them: `--checkpoint-action=exec=…` among tar's options runs a command.
  /^(?:TAR_OPTIONS|GZIP|POSIXLY_CORRECT)$/i,
  /^(?:JAVA_HOME|CLASSPATH|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|(?:OPENJ9|IBM)?_JAVA_OPTIONS|LOGBACK_CONFIGURATION_FILE)$/i,
  /^(?:NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|NODE_(?:TLS|USE)_.*|NPM_CONFIG_.*|DENO_.*|DENORT_.*)$/i,
  /^(?:PERL5.*|PERLLIB|RUBYLIB|RUBYOPT|LUA_(?:INIT|PATH|CPATH).*|AWKPATH|AWKLIBPATH|PHPRC|PHP_INI_SCAN_DIR)$/i,
  /^PYTHON(?:HOME|PATH|STARTUP|USERBASE|BREAKPOINT|INSPECT|WARNINGS|EXECUTABLE|PLATLIBDIR)$/i,
  /^(?:CURL_.*|SSL_CERT_.*|SSLKEYLOGFILE|OPENSSL_CONF|GIT_(?!AUTHOR_|COMMITTER_|LFS_SKIP_SMUDGE$).*)$/i,
  /^(?:DOCKER_(?:HOST|CONFIG|CONTEXT|CERT_PATH|TLS.*|URI)|PAUSE_IMAGE|AUTH_PROXY_IMAGE|CLONE_IMAGE)$/i,
  /^AWS_(?!REGION$|DEFAULT_REGION$).*$/i,
  /^(?:ACCOUNT_UUID|REPOSITORY_UUID|RUNNER_UUID|OAUTH_CLIENT_.*|RUNTIME|RUNTIME_PREREQUISITES_ENABLED)$/i,
  /^(?:WORKING_DIRECTORY|RUNNER_ENVIRONMENT)$/i,
];

/** Whether a variable comes from the project alone: with it a pipeline could make the build run or trust what it likes. */
export function isGuarded(name: string): boolean {
  return PROJECTS_VARIABLES.some((own) => own === name) || LOADERS.some((loader) => loader.test(name));
}
