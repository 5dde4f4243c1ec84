// Runs before a program that a wrapper started: what the wrapper set for Deno is not to reach what the program starts.
for (const name of ["DENO_DIR", "DENO_NO_UPDATE_CHECK"]) Deno.env.delete(name);
