/** Does this browser trust the hub? Tried from the page itself, and told apart as far as a browser lets a page see. */

export const checkTimes = {
  /** Longer than a handshake on a bad wireless network takes. */
  tryMsMax: 8_000,
} as const

/**
 * `trusted`: an answer came over https. `untrusted`: the port answers, and https to it fails. `unreachable`: the port does not
 * answer. `off`: the hub serves no https. `unsure`: this browser does not let the page see which. `secure`: the page itself
 * came over https, so there is nothing to find out from here.
 */
export type Verdict = 'trusted' | 'untrusted' | 'unreachable' | 'off' | 'unsure' | 'secure'

export interface CheckAnswer {
  verdict: Verdict
  /** The port for https, where it is known. */
  port?: number
}

export async function check(page: Pick<Location, 'protocol' | 'hostname' | 'href'>): Promise<CheckAnswer> {
  if (page.protocol === 'https:') return { verdict: 'secure' }
  const reach = await ask(new URL('../api/v1/reach', page.href).href, 'cors')
  const httpsPort = reach === undefined ? undefined : await portIn(reach)
  if (httpsPort === undefined) return { verdict: 'unsure' }
  if (httpsPort === null) return { verdict: 'off' }
  const port = httpsPort
  const answer = await ask(`https://${page.hostname}:${port}/api/v1/reach`, 'cors')
  if (answer?.ok === true) return { verdict: 'trusted', port }
  // The port refuses plain http with an answer; that there is one is all a page may see of it.
  const knocked = await ask(`http://${page.hostname}:${port}/api/v1/reach`, 'no-cors')
  return { verdict: knocked === undefined ? 'unreachable' : 'untrusted', port }
}

async function ask(url: string, mode: 'cors' | 'no-cors'): Promise<Response | undefined> {
  try {
    const signal = AbortSignal.timeout(checkTimes.tryMsMax)
    return await fetch(url, { mode, cache: 'no-store', credentials: 'omit', signal })
  } catch {
    return undefined
  }
}

/** undefined: an answer that is none of the hub's. */
async function portIn(answer: Response): Promise<number | null | undefined> {
  const body = (await answer.json().catch(() => undefined)) as { httpsPort?: unknown } | undefined
  const port = body?.httpsPort
  return typeof port === 'number' || port === null ? port : undefined
}
