/**
 * Removes the Docker containers of a build. On CodeBuild they end with the build's machine; here they would outlive
 * it on the daemon of this machine. They are known by the build's UUID in their name, variables or mounts.
 */
export async function removeBuildContainers(buildUuid: string): Promise<void> {
  const ids = words(await docker("ps", "--all", "--quiet"));
  if (ids.length === 0) return;
  const format = "{{.Id}} {{.Name}} {{json .Config.Env}} {{json .Mounts}}";
  const containers = (await docker("inspect", "--format", format, ...ids)).split("\n");
  const own = containers.filter((line) => line.includes(buildUuid)).map((line) => line.split(" ")[0] ?? "");
  if (own.length > 0) await docker("rm", "--force", "--volumes", ...own);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Empty where there is no Docker; containers that vanish meanwhile do not matter. */
async function docker(...args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("docker", { args, stdin: "null", stderr: "null" }).output();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
