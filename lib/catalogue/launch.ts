/** How a stdio server is started: no shell, a clean environment, the checkout's root as working directory. */
export interface Launch {
  readonly file: string
  readonly args: readonly string[]
  /** All that the child gets beside PATH; nothing else of ours is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** Absolute; relative paths in the command, say `node_modules/mistral-mcp/dist/index.js`, start here. */
  readonly cwd: string
}

/**
 * Scan and proxy start a server in the same way, so that what was approved is what runs.
 * @param command argument list as stored; `node` means the Node that runs Intercept
 * @param environment the server's own variables, opened
 * @param home an empty folder that the child may write to
 */
export function launchOf(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  home: string,
): Launch {
  const [program = '', ...args] = command
  return {
    file: program === 'node' ? process.execPath : program,
    args,
    env: { LANG: 'C.UTF-8', HOME: home, ...environment },
    cwd: process.cwd(),
  }
}
