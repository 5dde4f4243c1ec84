/**
 * Removes the Docker containers of a build. On CodeBuild they end with the build's machine; here they would outlive it on the
 * daemon of this machine. They are known by what they mount: folders of the build. Nothing happens without Docker.
 */
export async function removeBuildContainers(buildFolder: string): Promise<void> {
  const list = await docker("ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Mounts}}");
  const own = list.split("\n").filter((line) => line.includes(buildFolder)).map((line) =>
    line.split(" ")[0] ?? ""
  );
  if (own.length > 0) await docker("rm", "--force", "--volumes", ...own);
}

async function docker(...args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command("docker", { args, stdin: "null", stderr: "null" }).output();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
