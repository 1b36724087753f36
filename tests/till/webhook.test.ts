/** The webhook against servers that misbehave, and its signature against another language. Rules of docs/till-upstreams.md. */
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { UpstreamItem } from '../../src/till/sync/upstream.ts'
import { webhookConnector } from '../../src/till/sync/webhook.ts'
import { webhookLimits } from '../../src/till/sync/webhook-limits.ts'
import { webhookUrl } from '../../src/webhook/address.ts'
import { secretBytesMin, signatureOf } from '../../src/webhook/signature.ts'
import { TestClock } from '../support/clock.ts'
import { answer, type Behaviour, Office, ok, secret } from './upstream-support.ts'

const item: UpstreamItem = {
  kind: 'order',
  id: 'o1',
  seq: 7,
  at: Date.UTC(2026, 0, 2),
  key: 'ab'.repeat(32),
  body: { id: 'o1', note: 'Grüße, 東京 "€"' },
  needs: [],
}

async function webhook(behaviour?: Behaviour, options: { secret?: string; readBackUrl?: string } = {}) {
  const office = await Office.open(behaviour)
  const clock = new TestClock()
  const { secret: word = secret, readBackUrl } = options
  const connector = webhookConnector(
    {
      name: 'office',
      url: `${office.url}/in?shop=1`,
      ...(readBackUrl !== undefined && { readBackUrl: `${office.url}${readBackUrl}` }),
      secret: async () => word,
    },
    { hub: 'hub-1', clock },
  )
  onTestFinished(() => connector.close?.())
  const send = (signal = new AbortController().signal) => connector.send(item, signal)
  return { office, clock, connector, send }
}

describe('what is sent', () => {
  it('[W20] one POST of JSON with its key, hub and signature', async () => {
    const { office, clock, send } = await webhook()
    expect(await send()).toEqual({ state: 'taken', remote: 'r-o1' })
    const [received] = office.received
    expect(received).toMatchObject({
      method: 'POST',
      path: '/in?shop=1',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': item.key,
        'x-tillbridge-hub': 'hub-1',
        'user-agent': 'tillbridge',
      },
      item: {
        kind: 'order',
        id: 'o1',
        seq: 7,
        at: '2026-01-02T00:00:00.000Z',
        key: item.key,
        needs: [],
        body: item.body,
      },
    })
    const [, time, mac] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(received?.headers['x-tillbridge-signature'])) ?? []
    expect(Number(time)).toBe(Math.floor(clock.now() / 1000))
    expect(createHmac('sha256', secret).update(`${time}.${received?.text}`).digest('hex')).toBe(mac)
  })

  it('[W21] the check that docs/till-upstreams.md gives for Python and Node agrees, and refuses what was changed', async () => {
    const { office, send, clock } = await webhook()
    await send()
    const [received] = office.received
    const header = String(received?.headers['x-tillbridge-signature'])
    const python = docExample('python')
    const node = docExample('js')
    const ask = (body: string, signature: string, now: number) => {
      const input = JSON.stringify({ body, signature, secret, now })
      const inPython = execFileSync('python3', ['-c', `${python}\n${pythonMain}`], {
        input,
        encoding: 'utf8',
      })
      const inNode = execFileSync(process.execPath, ['--input-type=module', '-e', `${node}\n${nodeMain}`], {
        input,
        encoding: 'utf8',
      })
      return [inPython.trim(), inNode.trim()]
    }
    const now = Math.floor(clock.now() / 1000)
    const text = received?.text ?? ''
    expect(ask(text, header, now)).toEqual(['true', 'true'])
    expect(ask(text, header, now + 299)).toEqual(['true', 'true'])
    expect(ask(text, header, now + 301)).toEqual(['false', 'false'])
    expect(ask(text.replace('o1', 'o2'), header, now)).toEqual(['false', 'false'])
    expect(ask(text, header.replace('v1=', 'v1=0'), now)).toEqual(['false', 'false'])
    expect(ask(text, signatureOf('another secret of enough', text, clock.now()), now)).toEqual([
      'false',
      'false',
    ])
    expect(ask(text, '', now)).toEqual(['false', 'false'])
  })

  it('[W22] a secret that is too short signs nothing', async () => {
    const short = await webhook(undefined, { secret: 'x'.repeat(secretBytesMin - 1) })
    await expect(short.send()).rejects.toMatchObject({ code: 'config_invalid' })
    expect(short.office.received).toEqual([])
    const enough = await webhook(undefined, { secret: 'x'.repeat(secretBytesMin) })
    expect((await enough.send()).state).toBe('taken')
  })

  it('[W23] https anywhere, http only to this machine and to private addresses', () => {
    for (const url of [
      'https://office.example/in',
      'http://127.0.0.1:8069/in',
      'http://localhost/in',
      'http://10.1.2.3/',
      'http://172.31.255.255/',
      'http://192.168.1.5:8080/',
      'http://169.254.1.1/',
      'http://[::1]/',
      'http://[fd00::5]/',
      'http://[fe80::1]/',
    ])
      expect(webhookUrl(url, { file: 'test', path: 'url' }).href, url).toMatch(/^https?:/)
    for (const url of [
      'http://office.example/in',
      'http://office.local/in',
      'http://8.8.8.8/',
      'http://172.32.0.1/',
      'http://[2001:db8::1]/',
      'http://0x08080808/',
      'ftp://127.0.0.1/',
      'file:///etc/passwd',
      'https://ada:pw@office.example/',
      'office.example',
      '',
    ])
      expect(() => webhookUrl(url, { file: 'test', path: 'url' }), url).toThrow(/url/)
  })
})

describe('answers', () => {
  it.each([
    ['200 with an id', 200, '{"id":"SO/17"}', { state: 'taken', remote: 'SO/17' }],
    ['201 with a number', 201, '{"id":17}', { state: 'taken', remote: '17' }],
    ['204 without a body', 204, '', { state: 'taken' }],
    ['200 with no JSON', 200, 'thanks!', { state: 'taken' }],
    ['200 with broken JSON', 200, '{"id":', { state: 'taken' }],
    ['200 with an id that is none', 200, '{"id":{"a":1}}', { state: 'taken' }],
    ['200 with null', 200, 'null', { state: 'taken' }],
    [
      '200 with an id too long',
      200,
      JSON.stringify({ id: 'x'.repeat(webhookLimits.remoteCharsMax + 1) }),
      { state: 'taken' },
    ],
    ['409: it is known already', 409, '{"id":"17"}', { state: 'taken', remote: '17' }],
    [
      '400',
      400,
      '{"error":"no such product"}',
      { state: 'refused', reason: 'answered 400: no such product' },
    ],
    ['422 with other JSON', 422, '{"a":[1]}', { state: 'refused', reason: 'answered 422: {"a":[1]}' }],
    ['422 with text', 422, '  not\n  here ', { state: 'refused', reason: 'answered 422: not here' }],
    ['413', 413, '', { state: 'refused', reason: 'answered 413' }],
    ...[401, 403, 404, 405, 407, 408, 410, 425, 429, 500, 502, 503, 504].map(
      (status) =>
        [`${status}`, status, '', { state: 'troubled', reason: `answered ${status}`, waitMs: 0 }] as const,
    ),
  ] as const)('[W24] %s', async (_, status, body, outcome) => {
    const { send } = await webhook((_received, response) => answer(response, status, body))
    expect(await send()).toEqual(outcome)
  })

  it('[W24] a redirect is not followed', async () => {
    const other = await Office.open()
    const { send } = await webhook((_, response) => answer(response, 307, '', { Location: other.url }))
    expect(await send()).toMatchObject({
      state: 'troubled',
      reason: expect.stringContaining(other.url) as string,
    })
    expect(other.received).toEqual([])
  })

  it('[W25] an answer is read up to its limit and no further', async () => {
    const pad = webhookLimits.answerBytesMax - '{"id":"1","pad":""}'.length
    const text = (more: number) => `{"id":"1","pad":"${'x'.repeat(pad + more)}"}`
    const within = await webhook((_, response) => answer(response, 200, text(0)))
    expect(await within.send()).toEqual({ state: 'taken', remote: '1' })
    const beyond = await webhook((_, response) => answer(response, 200, text(1)))
    expect(await beyond.send()).toMatchObject({
      state: 'troubled',
      reason: expect.stringContaining('larger than 65536 bytes') as string,
    })
  })

  it('[W26] an answer that is cut off, a connection that is cut, a port that is closed: trouble', async () => {
    const cut = await webhook((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' })
      response.write('{"id":"1"')
      setImmediate(() => response.destroy())
    })
    expect(await cut.send()).toMatchObject({
      state: 'troubled',
      reason: expect.stringContaining('cut in the middle') as string,
    })
    const silent = await webhook((_, response) => void response.socket?.destroy())
    expect(await silent.send()).toMatchObject({ state: 'troubled' })
    const garbled = await webhook((_, response) => void response.socket?.end('ICY 200 hello\r\n\r\n'))
    expect(await garbled.send()).toMatchObject({ state: 'troubled' })
    const closed = webhookConnector(
      { name: 'office', url: 'http://127.0.0.1:1/', secret: async () => secret },
      { hub: 'hub-1', clock: new TestClock() },
    )
    expect(await closed.send(item, new AbortController().signal)).toMatchObject({
      state: 'troubled',
      reason: expect.stringContaining('ECONNREFUSED') as string,
    })
  })

  it('[W26] what is given up ends at once', async () => {
    const { office, send } = await webhook(() => {})
    const attempt = new AbortController()
    const sending = send(attempt.signal)
    while (office.received.length === 0) await new Promise((resolve) => setImmediate(resolve))
    attempt.abort()
    expect(await sending).toMatchObject({ state: 'troubled' })
  })

  it('[W27] one connection serves many items, and one that the other side has closed meanwhile is made anew', async () => {
    const sockets = new Set<unknown>()
    const { office, send } = await webhook((_, response) => {
      sockets.add(response.socket)
      ok(response)
    })
    for (let index = 0; index < 5; index++) expect((await send()).state).toBe('taken')
    expect(sockets.size).toBe(1)
    office.cutConnections()
    expect((await send()).state).toBe('taken')
    expect(sockets.size).toBe(2)
  })
})

describe('reading back', () => {
  const ask = async (behaviour: Behaviour) => {
    const { connector, office } = await webhook(behaviour, { readBackUrl: '/back/{kind}/{id}/{remote}' })
    const looked = await connector.readBack?.({ ...item, id: 'a.b' }, 'x/y ?', new AbortController().signal)
    return { looked, office }
  }

  it('[W28] a signed GET of the address with kind, id and remote in it', async () => {
    const { looked, office } = await ask((_, response) =>
      answer(response, 200, '{"total":597,"tax":104,"paid":597,"payments":1,"lines":"one"}'),
    )
    expect(looked).toEqual({ state: 'there', figures: { total: 597, tax: 104, paid: 597, payments: 1 } })
    const [received] = office.received
    expect(received?.path).toBe('/back/order/a.b/x%2Fy%20%3F')
    const [, time, mac] = /^t=(\d+),v1=(\w+)$/.exec(String(received?.headers['x-tillbridge-signature'])) ?? []
    expect(createHmac('sha256', secret).update(`${time}.`).digest('hex')).toBe(mac)
  })

  it('[W28] 404 is missing, anything but 200 is a trouble, no answer too', async () => {
    expect((await ask((_, response) => answer(response, 404))).looked).toEqual({ state: 'missing' })
    for (const status of [500, 302, 401, 204])
      expect((await ask((_, response) => answer(response, status))).looked?.state).toBe('troubled')
    expect((await ask((_, response) => void response.socket?.destroy())).looked?.state).toBe('troubled')
  })
})

const pythonMain = `
import json, sys
asked = json.load(sys.stdin)
print(str(is_genuine(asked["body"].encode(), asked["signature"], asked["secret"].encode(), asked["now"])).lower())
`
const nodeMain = `
let input = ''
for await (const part of process.stdin) input += part
const asked = JSON.parse(input)
console.log(isGenuine(asked.body, asked.signature, asked.secret, asked.now))
`

/** The example as people copy it. */
function docExample(language: string): string {
  const page = readFileSync(new URL('../../docs/till-upstreams.md', import.meta.url), 'utf8')
  const code = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1]
  expect(code, language).toBeDefined()
  return code ?? ''
}
