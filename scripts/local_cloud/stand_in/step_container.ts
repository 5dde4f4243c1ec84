const SOCKET = "/var/run/docker.sock";

/** A container that a step runs in. */
export interface StepContainer {
  /** The working directory, which is mounted from the host under the same path. */
  readonly workingDirectory: string;
  /** The image that the container is made of, which has `sleep`. */
  readonly image: string;
  readonly name: string;
}

/**
 * Starts a container for a step, by the Docker daemon whose socket is mounted here, and returns what removes it. Rejects when the
 * daemon does not answer or refuses.
 */
export async function startStepContainer(container: StepContainer): Promise<() => Promise<void>> {
  const { name, image, workingDirectory } = container;
  await docker("POST", `containers/create?name=${name}`, {
    Image: image,
    Entrypoint: ["sleep"],
    Cmd: ["infinity"],
    HostConfig: { NetworkMode: "none", Binds: [`${workingDirectory}:${workingDirectory}`] },
  });
  await docker("POST", `containers/${name}/start`);
  // It may be gone by then: whoever clears up after the runner removes its containers too.
  return () => docker("DELETE", `containers/${name}?force=true`).catch(() => {});
}

async function docker(method: string, path: string, body?: object): Promise<void> {
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path: SOCKET } });
  const response = await fetch(`http://docker/${path}`, {
    client,
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`Cannot run the step: Docker answered ${response.status} ${answer}`);
}
