/** Where the agent and the runner connect to, live and are fetched from. */
const PLACES = ["BITBUCKET_API_URL", "BITBUCKET_OAUTH_TOKEN_URL", "RUNNER_HOME", "RUNNER_IMAGE"];

/** What makes shells, loaders and interpreters run something else, or trust somebody else. */
const LOADERS = [
  "CDPATH",
  "CLASSPATH",
  "CURL_HOME",
  "DOCKER_CERT_PATH",
  "DOCKER_CONFIG",
  "DOCKER_CONTEXT",
  "DOCKER_HOST",
  "DOCKER_TLS_VERIFY",
  "ENV",
  "HOME",
  "IFS",
  "JAVA_HOME",
  "JAVA_TOOL_OPTIONS",
  "JDK_JAVA_OPTIONS",
  "LOGBACK_CONFIGURATION_FILE",
  "NODE_EXTRA_CA_CERTS",
  "NODE_OPTIONS",
  "PATH",
  "PERL5LIB",
  "PERL5OPT",
  "PROMPT_COMMAND",
  "PYTHONHOME",
  "PYTHONPATH",
  "PYTHONSTARTUP",
  "RUBYLIB",
  "RUBYOPT",
  "SHELLOPTS",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "_JAVA_OPTIONS",
];

const LOADER_PREFIXES = ["AWS_", "BASH_", "DENO_", "GIT_", "LD_"];

/** Whether a variable comes from the project alone: with it a pipeline could make the build run or trust what it likes. */
export function isGuarded(name: string): boolean {
  return [...PLACES, ...LOADERS].includes(name) ||
    LOADER_PREFIXES.some((prefix) => name.startsWith(prefix));
}
