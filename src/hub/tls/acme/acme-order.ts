/** One certificate from a public authority, from the order to the chain (RFC 8555, 7.4), by DNS-01. */
import { type Clock, pause } from '../../clock.ts'
import { failed } from '../failed.ts'
import { AcmeAccount, type AcmeProblem, headerOf, parse, problemText, retryAfterMs } from './acme-account.ts'
import type { AcmeAnswer, AcmeLine } from './acme-https.ts'
import { acmeLimits } from './acme-limits.ts'

export interface AcmeWish {
  line: AcmeLine
  directory: string
  email?: string | undefined
  names: readonly string[]
  propagationMs: number
  /** PEM of the account's key. */
  accountKey: string
  setRecord(name: string, value: string): Promise<void>
  clearRecord(name: string, value: string): Promise<void>
  /** The request to sign, DER in base64url; made when everything else is done. */
  request(): Promise<string>
}

interface Order {
  status: string
  authorizations: string[]
  finalize: string
  certificate?: string
  error?: AcmeProblem
}

interface Authorization {
  status: string
  identifier: { value: string }
  challenges: { type: string; url: string; token: string; error?: AcmeProblem }[]
}

interface Record {
  name: string
  value: string
  authorization: string
  challenge: string
}

/** PEM of the certificate and its chain. Rejects with `certificate_failed`; its context may have `retryAfterMs`. */
export async function orderCertificate(wish: AcmeWish): Promise<string> {
  const { line, names } = wish
  const account = new AcmeAccount(line, wish.accountKey)
  const { newOrder } = await account.open(wish.directory, wish.email)
  const placed = await account.post(newOrder, {
    identifiers: names.map((value) => ({ type: 'dns', value })),
  })
  const orderUrl = headerOf(placed, 'location')
  if (orderUrl === undefined) throw failed('the authority gave the order no address')
  const order = parse<Order>(placed)
  await prove(wish, account, order.authorizations)
  await account.post(order.finalize, { csr: await wish.request() })
  const done = await untilSettled<Order>(account, line, orderUrl, (value) =>
    ['valid', 'invalid'].includes(value.status),
  )
  if (done.status !== 'valid' || done.certificate === undefined) throw failed(problemText(done.error ?? {}))
  return (await account.post(done.certificate)).body
}

/** All records first, then one wait for all, then the challenges. Records are taken out whatever happens. */
async function prove(wish: AcmeWish, account: AcmeAccount, authorizations: readonly string[]): Promise<void> {
  const set: Record[] = []
  try {
    for (const url of authorizations) {
      const authorization = parse<Authorization>(await account.post(url))
      if (authorization.status === 'valid') continue
      const challenge = authorization.challenges.find(({ type }) => type === 'dns-01')
      const name = authorization.identifier.value
      if (!wish.names.includes(name))
        throw failed(`the authority wants a proof for ${name}, which was not asked for`)
      if (challenge === undefined) throw failed(`the authority offers no DNS-01 for ${name}`)
      const record = {
        name: `_acme-challenge.${name}`,
        value: account.recordOf(challenge.token),
        authorization: url,
        challenge: challenge.url,
      }
      set.push(record)
      await wish.setRecord(record.name, record.value)
    }
    if (set.length > 0) await wait(wish.line.clock, wish.propagationMs, wish.line.signal)
    for (const { challenge } of set) await account.post(challenge, {})
    for (const { authorization } of set) {
      const settled = await untilSettled<Authorization>(
        account,
        wish.line,
        authorization,
        ({ status }) => status !== 'pending' && status !== 'processing',
      )
      if (settled.status === 'valid') continue
      const error = settled.challenges.find(({ type }) => type === 'dns-01')?.error
      throw failed(`${settled.identifier.value}: ${problemText(error ?? {})}`)
    }
  } finally {
    // What cannot be taken out does no harm; the hook's own words are in the log.
    for (const { name, value } of set) await wish.clearRecord(name, value).catch(() => {})
  }
}

async function untilSettled<T>(
  account: AcmeAccount,
  { clock, signal }: AcmeLine,
  url: string,
  settled: (value: T) => boolean,
): Promise<T> {
  for (let poll = 0; poll < acmeLimits.pollsMax; poll++) {
    const answer: AcmeAnswer = await account.post(url)
    const value = parse<T>(answer)
    if (settled(value)) return value
    const waitMs = retryAfterMs(answer, clock.now()) ?? acmeLimits.pollMs
    await wait(clock, Math.min(waitMs, acmeLimits.pollMsMax), signal)
  }
  throw failed('the authority did not come to an end')
}

async function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(clock, ms, signal)
  } catch {
    throw failed('the hub stops')
  }
}
