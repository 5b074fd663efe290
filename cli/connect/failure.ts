/** Says why the proxy gave no answer, and what to do. */
export function describeFault(error: unknown, url: URL): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return `No proxy listens at ${url.origin}. Run \`npm start\` there, or give --url.`
  if (code === 'ENOTFOUND') return `The host ${url.hostname} is not known. Check --url.`
  if (code === 'ECONNRESET') return 'The proxy closed the connection.'
  return `The proxy at ${url.origin} did not answer: ${message || code}.`
}

/**
 * Says what an HTTP status of the proxy means, and what to do.
 * @param said the message of the JSON-RPC error in its body, if there is one
 */
export function describeStatus(status: number, said: string | null, url: URL): string {
  const words = said === null ? '' : ` ${said}`
  if (status === 401)
    return 'The proxy does not accept this key. Issue one in the console, and set INTERCEPT_KEY or give --key.'
  if (status === 404 && !/session/i.test(words)) return said ?? `Nothing answers at ${url.href}.`
  if (status >= 300 && status < 400) return `The proxy redirects (HTTP ${status}). Give its own address as --url.`
  return `The proxy answered with HTTP ${status}.${words}`
}
