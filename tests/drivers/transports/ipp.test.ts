/** IPP over HTTP on real sockets: what is counted, what is refused, and how it ends. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ippTransportLimits, openIpp, serverOf } from '../../../src/drivers/transports/ipp.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { transportLimits } from '../../../src/drivers/transports/transport.ts'
import { TestClock } from '../../support/clock.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void

function listening(server: Server): Promise<number> {
  onTestFinished(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

const collecting = (handler: Handler) => (request: IncomingMessage, response: ServerResponse) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => handler(request, response, Buffer.concat(parts)))
}
const serve = (handler: Handler) => listening(createServer(collecting(handler)))
const answer: Handler = (_, response, body) =>
  response.writeHead(200, { 'Content-Type': 'application/ipp' }).end(Buffer.from(body).reverse())
const how = { msMax: 5_000 }
const clock = new TestClock()
const open = (port: number, query = '') =>
  openIpp(parsePortUrl(`ipp://127.0.0.1:${port}/ipp/print${query}`), clock)

describe('exchange', () => {
  it('[IPPT1] a request is one POST of application/ipp on its own connection, its answer the body', async () => {
    const seen: [string | undefined, string | undefined, string | undefined, string | undefined][] = []
    const sockets = new Set<unknown>()
    const port = await serve((request, response, body) => {
      seen.push([
        request.method,
        request.url,
        request.headers['content-type'],
        request.headers['content-length'],
      ])
      sockets.add(request.socket)
      answer(request, response, body)
    })
    const transport = await createOpenTransport(
      clock,
      new MemoryPorts(),
    )(parsePortUrl(`ipp://127.0.0.1:${port}/ipp/print`))
    const body = Buffer.alloc(100_000, 'ab')
    expect(
      Buffer.from(await transport.exchange!.exchange(body, how)).equals(Buffer.from(body).reverse()),
    ).toBe(true)
    await transport.exchange!.exchange(Buffer.from('x'), how)
    expect(seen).toEqual([
      ['POST', '/ipp/print', 'application/ipp', '100000'],
      ['POST', '/ipp/print', 'application/ipp', '1'],
    ])
    expect([sockets.size, transport.bytesWritten]).toEqual([2, 100_001])
    await transport.close()
  })

  it('[IPPT2] nobody there, or no connection in time, is port_unavailable; opening sends nothing', async () => {
    const blocker = createTcpServer()
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
    const { port } = blocker.address() as AddressInfo
    await new Promise((resolve) => blocker.close(resolve))
    await expect(open(port)).rejects.toMatchObject({
      code: 'port_unavailable',
      context: { reason: 'the address refuses the connection' },
    })
    let bytes = 0
    const quiet = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (data) => {
        bytes += data.length
      })
    })
    await new Promise<void>((resolve) => quiet.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void quiet.close())
    const transport = await open((quiet.address() as AddressInfo).port)
    expect([bytes, transport.bytesWritten]).toEqual([0, 0])
    await transport.close()
    expect(transportLimits.openMsMax).toBe(5_000)
  })

  it('[IPPT3] what a lost connection took is counted, in pieces, and nothing before there is one', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => setTimeout(() => socket.destroy(), 20))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const transport = await open((server.address() as AddressInfo).port)
    const body = Buffer.alloc(64 * 1024 * 1024)
    await expect(transport.exchange!.exchange(body, how)).rejects.toMatchObject({ code: 'port_closed' })
    expect(transport.bytesWritten).toBeGreaterThan(0)
    expect(transport.bytesWritten).toBeLessThan(body.length)
    expect(await transport.closed).toMatchObject({ by: 'lost' })

    const gone = await (async () => {
      const open = createTcpServer((socket) => void socket.on('error', () => {}))
      await new Promise<void>((resolve) => open.listen(0, '127.0.0.1', resolve))
      const address = parsePortUrl(`ipp://127.0.0.1:${(open.address() as AddressInfo).port}/`)
      const transport = await openIpp(address, clock)
      await new Promise((resolve) => open.close(resolve))
      return transport
    })()
    await expect(gone.exchange!.exchange(Buffer.alloc(10), how)).rejects.toMatchObject({
      code: 'port_closed',
    })
    expect(gone.bytesWritten).toBe(0)
    await new Promise((resolve) => server.close(resolve))
  })

  it('[IPPT4] no answer in time is answer_timeout, and the next request goes through', async () => {
    const own = new TestClock()
    let silent = true
    const port = await serve((request, response, body) => {
      if (!silent) answer(request, response, body)
    })
    const transport = await openIpp(parsePortUrl(`ipp://127.0.0.1:${port}/`), own)
    const waiting = transport.exchange!.exchange(Buffer.from('a'), { msMax: 1_000 })
    waiting.catch(() => {})
    await own.advance(1_000)
    await expect(waiting).rejects.toMatchObject({ code: 'answer_timeout', context: { ms: 1_000 } })
    silent = false
    expect(Buffer.from(await transport.exchange!.exchange(Buffer.from('ab'), how)).toString()).toBe('ba')
    expect(own.pending).toBe(0)
    await transport.close()
  })

  it('[IPPT4] a connection that is lost in the middle of the answer loses the port', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/ipp', 'Content-Length': 100 }).write('half')
      setImmediate(() => response.destroy())
    })
    const transport = await open(port)
    const lost = { code: 'port_closed', context: { reason: 'the other side broke the connection off' } }
    await expect(transport.exchange!.exchange(Buffer.from('a'), how)).rejects.toMatchObject(lost)
    expect(await transport.closed).toMatchObject({ by: 'lost', reason: lost.context.reason })
  })

  it.each<[string, Handler, RegExp]>([
    [
      'another type',
      (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('hello'),
      /text\/html/,
    ],
    ['not found', (_, response) => response.writeHead(404).end(), /HTTP 404/],
    ['encryption wanted', (_, response) => response.writeHead(426).end(), /ipps:/],
    ['a password wanted', (_, response) => response.writeHead(401).end(), /password/],
    [
      'sent on elsewhere',
      (_, response) => response.writeHead(301, { Location: 'https://printer/ipp/print' }).end(),
      /https:\/\/printer\/ipp\/print: write that/,
    ],
    ['not allowed', (_, response) => response.writeHead(403).end(), /allow it/],
    [
      'too long',
      (_, response) =>
        response
          .writeHead(200, { 'Content-Type': 'application/ipp' })
          .end(Buffer.alloc(ippTransportLimits.answerBytesMax + 1)),
      /longer than/,
    ],
  ])('[IPPT5] %s is answer_invalid, with what to do', async (_, handler, reason) => {
    const transport = await open(await serve(handler))
    await expect(transport.exchange!.exchange(Buffer.from('a'), how)).rejects.toMatchObject({
      code: 'answer_invalid',
      context: { reason: expect.stringMatching(reason) },
    })
    await transport.close()
  })

  it('[IPPT5] a server that does not speak HTTP, or no TLS, is answer_invalid, and the port stays open', async () => {
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', () => void socket.end('220 printer ready\r\n'))
    })
    const port = await listening(tcp as unknown as Server)
    for (const [query, reason] of [
      ['', /does not speak HTTP/],
      ['?tls=insecure', /does not speak TLS/],
    ] as const) {
      const transport = await open(port, query)
      for (let turn = 0; turn < 2; turn++) {
        await expect(transport.exchange!.exchange(Buffer.from('a'), how)).rejects.toMatchObject({
          code: 'answer_invalid',
          context: { reason: expect.stringMatching(reason) },
        })
      }
      await transport.close()
    }
  })

  it('[IPPT9] an answer in chunks is one answer; one that drips ends in its time', async () => {
    const own = new TestClock()
    let whole = true
    const port = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/ipp' })
      response.write('a')
      setImmediate(() => {
        response.write('b')
        if (whole) response.end('c')
      })
    })
    const transport = await openIpp(parsePortUrl(`ipp://127.0.0.1:${port}/`), own)
    expect(Buffer.from(await transport.exchange!.exchange(Buffer.from('x'), how)).toString()).toBe('abc')
    whole = false
    const dripping = transport.exchange!.exchange(Buffer.from('x'), { msMax: 1_000 })
    dripping.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 50))
    await own.advance(1_000)
    await expect(dripping).rejects.toMatchObject({ code: 'answer_timeout' })
    expect(own.pending).toBe(0)
    await transport.close()
  })

  it('[IPPT9] an answer that comes before the body has gone ends the sending', async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.once('data', () => {
        socket.pause()
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 2\r\n\r\nno')
        // It reads no further until the other side has ended.
        setTimeout(() => socket.resume(), 200)
      })
    })
    const transport = await open(await listening(tcp as unknown as Server))
    const body = Buffer.alloc(64 * 1024 * 1024)
    expect(Buffer.from(await transport.exchange!.exchange(body, how)).toString()).toBe('no')
    await gone
    expect(transport.bytesWritten).toBeLessThan(body.length)
    await transport.close()
  })

  it('[IPPT9] a printer that was switched off and on again takes the next request on a new transport', async () => {
    const first = createServer(collecting(answer))
    const port = await listening(first)
    const transport = await open(port)
    await transport.exchange!.exchange(Buffer.from('ab'), how)
    await new Promise((resolve) => first.close(resolve))
    await expect(transport.exchange!.exchange(Buffer.from('ab'), how)).rejects.toMatchObject({
      code: 'port_closed',
    })
    expect(await transport.closed).toMatchObject({ by: 'lost' })
    const second = createServer(collecting(answer))
    onTestFinished(async () => {
      second.closeAllConnections()
      await new Promise((resolve) => second.close(resolve))
    })
    await new Promise<void>((resolve) => second.listen(port, '127.0.0.1', resolve))
    const again = await open(port)
    expect(Buffer.from(await again.exchange!.exchange(Buffer.from('ab'), how)).toString()).toBe('ba')
    await again.close()
  })

  it('[IPPT5] an answer at the limit is taken, a request over its limit is not', async () => {
    const port = await serve((_, response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/ipp' })
        .end(Buffer.alloc(ippTransportLimits.answerBytesMax)),
    )
    const transport = await open(port)
    expect((await transport.exchange!.exchange(Buffer.from('a'), how)).length).toBe(
      ippTransportLimits.answerBytesMax,
    )
    const body = { length: ippTransportLimits.requestBytesMax + 1 } as Uint8Array
    await expect(transport.exchange!.exchange(body, how)).rejects.toMatchObject({ code: 'params_invalid' })
    await transport.close()
  })

  it('[IPPT6] closing, and giving up, end a request; nothing is sent afterwards', async () => {
    let requests = 0
    const port = await serve(() => void requests++)
    const transport = await open(port)
    const controller = new AbortController()
    const given = transport.exchange!.exchange(Buffer.from('a'), { ...how, signal: controller.signal })
    given.catch(() => {})
    controller.abort()
    await expect(given).rejects.toMatchObject({ code: 'port_closed' })
    const waiting = transport.exchange!.exchange(Buffer.from('a'), how)
    waiting.catch(() => {})
    await Promise.all([transport.close(), transport.close()])
    await expect(waiting).rejects.toMatchObject({ code: 'port_closed' })
    expect(await transport.closed).toMatchObject({ by: 'ours' })
    const before = transport.bytesWritten
    await expect(transport.exchange!.exchange(Buffer.from('a'), how)).rejects.toMatchObject({
      code: 'port_closed',
    })
    expect(transport.bytesWritten).toBe(before)
    expect(requests).toBeLessThanOrEqual(1)
  })

  it('[IPPT7] a certificate of the printer’s own will do with tls=insecure, and not with tls=verify', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ipp-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=printer', '-days', '2', '-nodes', '-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject], { stdio: 'pipe' })
    const options = { key: readFileSync(key), cert: readFileSync(cert) }
    const port = await listening(createTlsServer(options, collecting(answer)) as unknown as Server)
    const insecure = await open(port, '?tls=insecure')
    expect(Buffer.from(await insecure.exchange!.exchange(Buffer.from('ab'), how)).toString()).toBe('ba')
    await insecure.close()
    const strict = await open(port, '?tls=verify')
    await expect(strict.exchange!.exchange(Buffer.from('ab'), how)).rejects.toMatchObject({
      code: 'port_closed',
      context: { reason: expect.stringMatching(/certificate/) },
    })
    expect(strict.bytesWritten).toBe(0)
  })

  it('[IPPT8] it is no way for bytes', async () => {
    const transport = await open(await serve(answer))
    await expect(transport.write(new Uint8Array(0))).resolves.toBeUndefined()
    await expect(transport.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'params_invalid' })
    await transport.close()
    await expect(transport.write(new Uint8Array(0))).rejects.toMatchObject({ code: 'port_closed' })
  })

  it('[IPPT1] host, port and path are those of the URL', () => {
    const of = (url: string) => serverOf(parsePortUrl(url))
    expect(of('ipp://printer.local/ipp/print')).toEqual({
      host: 'printer.local',
      port: 631,
      path: '/ipp/print',
      tls: 'none',
    })
    expect(of('ipps://[::1]:8631/a')).toEqual({ host: '::1', port: 8631, path: '/a', tls: 'insecure' })
    expect(of('ipp://printer/?tls=verify')).toMatchObject({ path: '/', tls: 'verify' })
  })
})
