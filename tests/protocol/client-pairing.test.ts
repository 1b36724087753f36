/** Pairing by the client, against an HTTP server that answers as the hub does. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pairWithHub } from '../../src/protocol/client.ts'
import { type ClientFetch, requestTimes } from '../../src/protocol/client-requests.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { rpcError } from '../../src/protocol/messages.ts'
import { settle, TestClock } from '../support/clock.ts'

let server: Server
let url: string
let asked: unknown[]
let answer: { status: number; body: unknown } | undefined
beforeEach(async () => {
  asked = []
  answer = { status: 200, body: { token: 'tb_1', role: 'cashier' } }
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', () => {
      asked.push([request.method, request.url, request.headers['content-type'], JSON.parse(text)])
      if (answer !== undefined) response.writeHead(answer.status).end(JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => server.close())

const pair = (more: object = {}) => pairWithHub({ url, code: '123 456', name: 'Till 1', ...more })

describe('pairing', () => {
  it('[K1] redeems a code as people write it, by the address in any of its forms', async () => {
    for (const form of [url, `${url}/`, `${url.replace('http', 'ws')}/ws`])
      expect(await pair({ url: form })).toEqual({ token: 'tb_1', role: 'cashier' })
    const request = ['POST', '/api/v1/pair', 'application/json', { code: '123456', name: 'Till 1' }]
    expect(asked).toEqual([request, request, request])
    await pair({ url: `${url}/shop/ws`, code: '12-34-56' })
    expect(asked[3]).toMatchObject(['POST', '/shop/api/v1/pair', 'application/json', { code: '123456' }])
  })

  it('[K1] rejects with what the hub says', async () => {
    const refusals: [number, HubError][] = [
      [403, new HubError('pair_code_invalid')],
      [429, new HubError('locked_out', { seconds: 30 })],
      [403, new HubError('setup_required')],
      [403, new HubError('origin_not_allowed', { origin: 'https://pos.example' })],
      [403, new HubError('tls_required', { url: 'https://hub.local:8443' })],
    ]
    for (const [status, error] of refusals) {
      answer = { status, body: { error: rpcError(error) } }
      const { code, context } = error
      await expect(pair()).rejects.toMatchObject({ name: 'HubError', code, context })
    }
    answer = { status: 502, body: 'Bad gateway' }
    await expect(pair()).rejects.toMatchObject({ code: 'internal', context: { reason: 'HTTP 502' } })
    answer = { status: 200, body: { role: 'cashier' } }
    await expect(pair()).rejects.toMatchObject({ code: 'internal' })
    await expect(pair({ url: 'hub' })).rejects.toMatchObject({ code: 'params_invalid' })
  })

  it('[K2] says when nobody answers, and when nobody answers in time', async () => {
    answer = undefined
    const clock = new TestClock()
    const waiting = pair({ clock })
    const outcome = waiting.then(
      () => 'paired',
      (error: HubError) => [error.code, error.context],
    )
    while (asked.length === 0) await settle()
    await clock.advance(requestTimes.answerMs - 1)
    expect(await Promise.race([outcome, Promise.resolve('waiting')])).toBe('waiting')
    await clock.advance(1)
    expect(await outcome).toEqual(['request_timeout', { ms: requestTimes.answerMs }])
    expect(clock.pending).toBe(0)
    server.close()
    server.closeAllConnections()
    await expect(pair({ clock })).rejects.toMatchObject({ code: 'connection_lost' })
    expect(clock.pending).toBe(0)
  })

  it('[K2] tells an origin that is not allowed from a loss, which to its page look the same', async () => {
    const asPage: ClientFetch = async (asking, init) => {
      if (init.method === 'POST') throw new TypeError('Failed to fetch')
      const body = { hub: 'hub-1', origin: 'https://pos.example', originAllowed: false }
      return { ok: true, status: 200, json: async () => (asking.endsWith('/api/v1/reach') ? body : {}) }
    }
    await expect(pair({ fetch: asPage })).rejects.toMatchObject({
      code: 'origin_not_allowed',
      context: { origin: 'https://pos.example' },
    })
  })
})
