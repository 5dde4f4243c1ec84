/** Settings in dockerd's configuration file, as far as they matter here. */
export type DockerdConfig = Readonly<Record<string, unknown>>;

/** What a dockerd is started with. */
export interface DockerdOptions {
  readonly args: readonly string[];
  /** Contents of its configuration file, undefined where there is none. */
  readonly config: DockerdConfig | undefined;
}

const DEFAULT_SOCKET = "unix:///var/run/docker.sock";
const FEATURE = "containerd-snapshotter";

/** The options of a dockerd that the agent starts itself: it listens where the docker client looks (DOCKER_HOST). */
export function freshOptions(
  dockerHost: string | undefined,
  config: DockerdConfig | undefined,
): DockerdOptions {
  // An address both among the arguments and in the file stops dockerd (moby, daemon/config).
  const hosts = config?.hosts === undefined ? [`--host=${dockerHost || DEFAULT_SOCKET}`] : [];
  return { args: hosts, config };
}

/**
 * The same options with the containerd image store on. The storage driver and its options go: dockerd would take the driver's
 * name for a snapshotter's, and overlay2 is none (moby 28.5.2, daemon/daemon.go). The setting goes where features are set
 * already, since one that is both an argument and in the file stops dockerd. `configChanged` says that the configuration
 * must be written to a file of its own.
 */
export function withContainerdStore(
  options: DockerdOptions,
  featureFlag: boolean,
): DockerdOptions & { configChanged: boolean } {
  const kept = withoutOptions(options.args, ["--storage-driver", "-s", "--storage-opt"]);
  const { "storage-driver": driver, "storage-opts": driverOptions, ...config } = options.config ?? {};
  const inFile = !featureFlag || config.features !== undefined;
  const configChanged = inFile || driver !== undefined || driverOptions !== undefined;
  return {
    args: inFile ? kept : [...kept, "--feature", `${FEATURE}=true`],
    config: inFile ? { ...config, features: { ...Object(config.features), [FEATURE]: true } } : config,
    configChanged,
  };
}

/** Whether a dockerd with these options serves the address that the docker client uses. */
export function servesAddress(options: DockerdOptions, dockerHost: string | undefined): boolean {
  const fromFile = Array.isArray(options.config?.hosts) ? options.config.hosts.map(String) : [];
  const hosts = [...optionValues(options.args, ["--host", "-H"]), ...fromFile];
  const wanted = canonical(dockerHost || DEFAULT_SOCKET);
  const served = hosts.length === 0 ? [DEFAULT_SOCKET] : hosts;
  // fd:// is the socket that an init system made for it, by convention the default one.
  return served.some((host) => canonical(host) === wanted || host === "fd://" && wanted === DEFAULT_SOCKET);
}

/** The values of an option that is written as `--name=value` or `--name value`. */
export function optionValues(args: readonly string[], names: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (names.includes(arg)) return args.slice(index + 1, index + 2);
    const name = names.find((candidate) => arg.startsWith(`${candidate}=`));
    return name === undefined ? [] : [arg.slice(name.length + 1)];
  });
}

/** The arguments without certain options, in either of the two forms. */
export function withoutOptions(args: readonly string[], names: readonly string[]): string[] {
  return args.filter((arg, index) => {
    const isOption = names.some((name) => arg === name || arg.startsWith(`${name}=`));
    const isValue = index > 0 && names.includes(args[index - 1] ?? "");
    return !isOption && !isValue;
  });
}

/** /var/run is another name of /run on the systems that matter here. */
function canonical(address: string): string {
  return address.replace(/^unix:\/\/\/run\//, "unix:///var/run/");
}
