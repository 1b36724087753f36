/** QZ Tray's door: qz-tray from npm is the witness, the hub a process of its own, the printer a twin on a TCP port. */

import { execFileSync } from 'node:child_process'
import { createHash, createSign } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Twin } from '../../src/drivers/driver.ts'
import { createEscposTwin, type EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import { qzLimits } from '../../src/hub/doors/qz/qz-limits.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import { freePort } from '../support/free-port.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { noIppPrinterHere, startIppPrinter } from '../support/ipp-printer.ts'
import { loadQz, type Qz, type QzStatus } from '../support/qz-client.ts'
import { serveTwin, type TwinServer } from '../support/twin-tcp.ts'

vi.spyOn(console, 'info').mockImplementation(() => {})
vi.spyOn(console, 'warn').mockImplementation(() => {})

const allowed = 'https://pos.example'
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

interface Shop {
  hub: HubProcess
  technician: HubClient
  port: number
  tlsPort: number
}

async function shopOf(lines: readonly string[] = [`origins = ["${allowed}"]`], demo = true): Promise<Shop> {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-qz-'))
  const [port, tlsPort] = [await freePort(), await freePort()]
  const settings = ['[qz]', `ports = [${port}]`, `tlsPorts = [${tlsPort}]`, ...lines]
  writeFileSync(join(dir, 'tillbridge.toml'), settings.join('\n'))
  const hub = await HubProcess.start({ dir, demo })
  await hub.setUp()
  return { hub, technician: await hub.client(), port, tlsPort }
}

/** The bytes that the printer was sent. */
let received = Buffer.alloc(0)
let shop: Shop
let twin: EscposTwin
let server: TwinServer
const name = 'Kitchen printer'
beforeAll(async () => {
  twin = createEscposTwin({ clock: systemClock })
  const tapped: Twin = Object.create(twin, {
    plugged: { get: () => twin.plugged },
    attach: {
      value: (wire: Parameters<Twin['attach']>[0]) =>
        twin.attach({
          ...wire,
          onBytes: (listener) =>
            wire.onBytes((bytes) => {
              received = Buffer.concat([received, bytes])
              listener(bytes)
            }),
        }),
    },
  })
  server = await serveTwin(tapped)
  shop = await shopOf([`origins = ["${allowed}"]`, 'console = true', `printer = "${name}"`])
  const port = `tcp://127.0.0.1:${server.port}`
  const { id } = await shop.technician.call('device.add', { class: 'printer', driver: 'escpos', port, name })
  const ready = async () => (await shop.technician.call('device.get', { id })).state === 'ready'
  await until(ready, 'the printer is ready')
}, 60_000)
afterAll(async () => {
  await shop.hub.end()
  await server.close()
})

/** A page that has connected. */
async function pageOf(at: Shop = shop, socket: Record<string, unknown> = {}): Promise<Qz> {
  const qz = loadQz({ origin: allowed, ...socket })
  await connect(qz, at)
  return qz
}

async function connect(qz: Qz, { port, tlsPort }: Shop, usingSecure = false): Promise<void> {
  await qz.websocket.connect({
    ...{ host: 'localhost', usingSecure, keepAlive: 0 },
    port: { secure: [tlsPort], insecure: [port] },
  })
  undo.push(() => (qz.websocket.isActive() ? qz.websocket.disconnect() : undefined))
}

const told = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: Error) => error.message,
  )

/** A picture of random dots, black and white. */
function pictureOf(width: number, height: number): { base64: string; black(x: number, y: number): boolean } {
  const png = new PNG({ width, height })
  const black = (x: number, y: number) => (x * 7 + y * 13 + ((x * y) % 5)) % 3 === 0
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4
      png.data.fill(black(x, y) ? 0 : 255, at, at + 3)
      png.data[at + 3] = 255
    }
  return { base64: PNG.sync.write(png).toString('base64'), black }
}

/** All pictures on the paper since it was cleared, one below the other. */
function dotsOnPaper(): string[] {
  const items = [...twin.model.tickets.flatMap((ticket) => ticket.items), ...twin.model.current.items]
  return items.flatMap((item) =>
    item.kind !== 'image'
      ? []
      : Array.from({ length: item.bitmap.height }, (_, y) => {
          const rowBytes = Math.ceil(item.bitmap.width / 8)
          const row = Array.from({ length: item.bitmap.width }, (_, x) =>
            ((item.bitmap.bits[y * rowBytes + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? '#' : '.',
          ).join('')
          return `${'.'.repeat(item.x)}${row}`.replace(/\.+$/, '')
        }),
  )
}

function clearPaper(): void {
  twin.order({ order: 'clear_paper' })
  received = Buffer.alloc(0)
}

describe('who may in', () => {
  it('[QZ1] nobody when no list names anybody: no port is opened', async () => {
    const shut = await shopOf([])
    undo.push(() => shut.hub.end())
    expect(await told(connect(loadQz({ origin: allowed }), shut))).toMatch(/Unable to establish connection/)
  })

  it('[QZ2] a page of the list; another is told so in the words of the prompt, listed as seen, and let in once the console allows it', async () => {
    const stranger = 'https://other.example'
    const qz = loadQz({ origin: stranger })
    const words = await told(connect(qz, shop))
    expect(words).toMatch(/^Connection blocked by client: https:\/\/other\.example may not use this hub/)
    await until(() => !qz.websocket.isActive(), 'it is closed')
    const { origins } = await shop.technician.call('origin.list', {})
    expect(origins).toContainEqual(expect.objectContaining({ origin: stranger, state: 'seen' }))
    await shop.technician.call('origin.allow', { origin: stranger })
    await connect(qz, shop)
    expect(await qz.printers.find()).toContain(name)
    await shop.technician.call('origin.remove', { origin: stranger })
    await until(() => !qz.websocket.isActive(), 'it is closed again')
    expect(await told(connect(loadQz({ origin: 'null' }), shop))).toMatch(/^Connection blocked by client/)
    const { origins: known } = await shop.technician.call('origin.list', {})
    expect(known.map(({ origin }) => origin)).not.toContain('null')
  })

  it('[QZ3] programs by their address only', async () => {
    expect(await told(connect(loadQz(), shop))).toMatch(/^Connection blocked by client: 127\.0\.0\.1 may not/)
    const open = await shopOf(['sources = ["127.0.0.1"]'])
    undo.push(() => open.hub.end())
    const qz = loadQz()
    await connect(qz, open)
    expect(await qz.printers.find()).toEqual(['Receipt printer'])
    await open.technician.call('origin.allow', { origin: allowed })
    expect(await told(connect(loadQz({ origin: allowed }), open))).toMatch(/^Connection blocked by client/)
  })

  it('[QZ4] nothing is done before the certificate came, and nothing for a stranger', async () => {
    for (const origin of [allowed, 'https://x.example']) {
      const socket = await rawSocket(shop, origin)
      const heard = answers(socket)
      socket.send(JSON.stringify({ call: 'printers.find', params: {}, uid: 'a' }))
      await until(() => heard.length === 1, 'an answer')
      expect(heard[0]).toMatchObject({ uid: 'a', error: expect.stringMatching(/^Request blocked/) })
    }
  })

  it('[QZ5] under a name that is not the hub’s there is no WebSocket', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${shop.port}`, {
      origin: allowed,
      headers: { host: 'evil.example' },
    })
    const [error] = (await new Promise((resolve) => socket.once('error', (e) => resolve([e])))) as [Error]
    expect(error.message).toContain('421')
  })

  it('[QZ6] wss with the certificate of the hub, whose root the page trusts', async () => {
    const port = shop.tlsPort
    await until(() => reached(port), 'wss is served')
    const ca = await (await fetch(`${shop.hub.url}/trust/root.pem`)).text()
    const qz = loadQz({ origin: allowed, ca })
    await connect(qz, shop, true)
    expect(await qz.printers.getDefault()).toBe(name)
    expect(await told(connect(loadQz({ origin: allowed }), shop, true))).toMatch(/Unable to establish/)
  })

  it('[QZ7] a port that another program holds is told, and the others work', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    undo.push(() => other.close())
    const { port: taken } = other.address() as { port: number }
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-qz-'))
    const port = await freePort()
    const lines = ['[qz]', `origins = ["${allowed}"]`, `ports = [${taken}, ${port}]`, 'tlsPorts = []']
    writeFileSync(join(dir, 'tillbridge.toml'), lines.join('\n'))
    const hub = await HubProcess.start({ dir })
    undo.push(() => hub.end())
    const health = async () => (await (await fetch(`${hub.url}/api/v1/health`)).json()) as { status: string }
    await until(async () => (await health()).status === 'degraded', 'degraded')
    const qz = loadQz({ origin: allowed })
    await connect(qz, { ...shop, port })
    expect(qz.websocket.isActive()).toBe(true)
  })
})

describe('signatures', () => {
  function certificateOf(): { file: string; pem: string; key: string } {
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-qz-cert-'))
    const [file, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
    const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '3', '-subj', '/CN=POS', '-keyout', key]
    execFileSync('openssl', ['req', '-x509', ...made, '-out', file], { stdio: 'pipe' })
    return { file, pem: readFileSync(file, 'utf8'), key: readFileSync(key, 'utf8') }
  }

  function signing(qz: Qz, { key, pem }: { key: string; pem: string }, algorithm: string): void {
    qz.security.setCertificatePromise((resolve) => resolve(pem))
    qz.security.setSignatureAlgorithm(algorithm)
    qz.security.setSignaturePromise(
      (text) => (resolve) => resolve(createSign(algorithm).update(text).sign(key, 'base64')),
    )
  }

  it('[QZ8] by SHA-1, SHA-256 and SHA-512 are checked against the certificate that was shown; a wrong one is refused', async () => {
    const own = certificateOf()
    for (const algorithm of ['SHA1', 'SHA256', 'SHA512']) {
      const qz = loadQz({ origin: allowed })
      signing(qz, own, algorithm)
      await connect(qz, shop)
      expect(await qz.printers.find(name)).toBe(name)
    }
    const forged = loadQz({ origin: allowed })
    signing(forged, { pem: own.pem, key: certificateOf().key }, 'SHA512')
    await connect(forged, shop)
    expect(await told(forged.printers.find())).toBe('Request blocked: its signature is wrong')
    expect(await forged.api.getVersion()).toBe(forged.version)
  })

  it('[QZ9] are needed where certificates are listed: by file or by fingerprint, of this quarter of an hour', async () => {
    const [own, other] = [certificateOf(), certificateOf()]
    const fingerprint = createHash('sha256')
      .update(Buffer.from(other.pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
      .digest('hex')
    const strict = await shopOf([
      `origins = ["${allowed}"]`,
      `certificates = ["${own.file}", "${fingerprint}"]`,
    ])
    undo.push(() => strict.hub.end())
    for (const known of [own, other]) {
      const qz = loadQz({ origin: allowed })
      signing(qz, known, 'SHA256')
      await connect(qz, strict)
      expect(await qz.printers.find()).toEqual(['Receipt printer'])
    }
    expect(await told(connect(loadQz({ origin: allowed }), strict))).toMatch(/shows no certificate$/)
    const unknown = loadQz({ origin: allowed })
    signing(unknown, certificateOf(), 'SHA256')
    expect(await told(connect(unknown, strict))).toMatch(/not on the list of the hub/)

    const socket = await rawSocket(strict, allowed)
    const heard = answers(socket)
    const ask = (uid: string, timestamp: number, signed = true) => {
      const text = JSON.stringify({ call: 'printers.getDefault', params: null, timestamp })
      const hash = createHash('sha256').update(text).digest('hex')
      const signature = signed ? createSign('SHA256').update(hash).sign(own.key, 'base64') : ''
      socket.send(JSON.stringify({ ...JSON.parse(text), uid, signature, signAlgorithm: 'SHA256' }))
    }
    socket.send(JSON.stringify({ certificate: own.pem, uid: 'c' }))
    ask('now', Date.now())
    ask('old', Date.now() - qzLimits.signatureMsMax - 60_000)
    ask('new', Date.now() + qzLimits.signatureMsMax + 60_000)
    ask('bare', Date.now(), false)
    await until(() => heard.length === 5, 'answers')
    const by = (uid: string) => heard.find((each) => each.uid === uid)
    expect(by('now')).toEqual({ uid: 'now', result: 'Receipt printer' })
    for (const uid of ['old', 'new']) expect(by(uid)?.error).toMatch(/too old, or the clock/)
    expect(by('bare')?.error).toMatch(/not signed/)
  })
})

describe('printers', () => {
  it('[QZ10] are listed and found by name: exactly, whatever the case, by a part; the default is the one that is set', async () => {
    const qz = await pageOf()
    expect(await qz.api.getVersion()).toBe('2.2.6')
    expect(await qz.printers.find()).toEqual(['Receipt printer', name])
    for (const query of [name, name.toUpperCase(), 'kitchen'])
      expect(await qz.printers.find(query)).toBe(name)
    expect(await told(qz.printers.find('Zebra'))).toContain('Specified printer could not be found.')
    expect(await qz.printers.getDefault()).toBe(name)
    const details = await qz.printers.details()
    expect(details.map((each) => [each.name, each.default])).toEqual([
      ['Receipt printer', false],
      [name, true],
    ])
    expect(details[1]).toMatchObject({ driver: 'escpos', connection: `tcp://127.0.0.1:${server.port}` })
  })

  it('[QZ11] tell how they and their jobs fare, out of paper and back', async () => {
    const qz = await pageOf()
    const heard: QzStatus[] = []
    qz.printers.setPrinterCallbacks((event) => heard.push(event))
    expect(await told(qz.printers.getStatus())).toContain('No printer listeners started')
    await qz.printers.startListening(name)
    const last = (type: string) => heard.findLast(({ eventType }) => eventType === type)
    await until(() => last('PRINTER')?.statusText === 'OK', 'ready')
    twin.order({ order: 'paper', state: 'out' })
    await until(() => last('PRINTER')?.statusText === 'PAPER_OUT', 'out of paper')
    expect(last('PRINTER')).toMatchObject({ type: 'ACTION', printerName: name, severity: 'FATAL' })
    const config = qz.configs.create(name)
    const sentence = await told(qz.print(config, ['lost\n']))
    expect(sentence).toMatch(/Kitchen printer is out of paper/)
    twin.order({ order: 'paper', state: 'full' })
    await until(() => last('PRINTER')?.statusText === 'OK', 'paper again')
    // Taken back: what the page was told has not happened does not happen later.
    await qz.print(config, ['kept\n'])
    expect(twin.printedText()).toContain('kept')
    expect(twin.printedText()).not.toContain('lost')
    await until(() => last('JOB')?.statusText === 'COMPLETE', 'done')
    expect(heard.every(({ printerName }) => printerName === name)).toBe(true)
    const before = heard.length
    await qz.printers.getStatus()
    await until(() => heard.length > before, 'told anew')
    await qz.printers.stopListening()
    const after = heard.length
    await qz.print(config, ['unheard\n'])
    expect(heard.length).toBe(after)
  })
})

describe('prints', () => {
  it('[QZ12] raw commands reach the printer byte for byte, whatever their flavor and character set', async () => {
    const qz = await pageOf()
    clearPaper()
    const config = qz.configs.create(name, { encoding: 'Cp858' })
    await qz.print(config, [
      '\x1b@5 € é\n',
      { type: 'raw', format: 'command', flavor: 'hex', data: 'x1Bx21x30 41 0a' },
      {
        type: 'raw',
        format: 'command',
        flavor: 'base64',
        data: Buffer.from('\x1bE\x01B\n').toString('base64'),
      },
    ])
    const sent = Buffer.from('1b4035 20d5 20 82 0a 1b213041 0a 1b4501 42 0a'.replaceAll(' ', ''), 'hex')
    expect(received.includes(sent)).toBe(true)
    clearPaper()
    await qz.print(qz.configs.create(name), ['é\n'])
    expect(received.includes(Buffer.from('é\n'))).toBe(true)
    clearPaper()
    await qz.print(qz.configs.create(name, { encoding: { from: 'UTF-8', to: 'windows-1252' } }), ['€\n'])
    expect(received.includes(Buffer.from([0x80, 0x0a]))).toBe(true)
    const odd = qz.configs.create(name, { encoding: 'Klingon' })
    expect(await told(qz.print(odd, ['a']))).toContain('klingon')
  })

  it('[QZ13] a picture among raw commands stands where they put it, dot for dot, in the printer’s language', async () => {
    const qz = await pageOf()
    clearPaper()
    const { base64, black } = pictureOf(64, 40)
    const image = {
      type: 'raw',
      format: 'image',
      flavor: 'base64',
      data: base64,
      options: { language: 'ESCPOS' },
    }
    await qz.print(qz.configs.create(name), ['\x1b@above\n', image, 'below\n\x1dV\x00'])
    const expected = Array.from({ length: 40 }, (_, y) =>
      Array.from({ length: 64 }, (_, x) => (black(x, y) ? '#' : '.'))
        .join('')
        .replace(/\.+$/, ''),
    )
    expect(dotsOnPaper()).toEqual(expected)
    const [above, picture, below] = ['above\n', '\x1dv0', 'below\n'].map((text) => received.indexOf(text))
    expect(above).toBeGreaterThan(-1)
    expect(picture).toBeGreaterThan(above!)
    expect(below).toBeGreaterThan(picture!)
    clearPaper()
    await qz.print(qz.configs.create(name), [image])
    expect(dotsOnPaper()).toEqual(expected)
  })

  it('[QZ14] a pixel picture fills the paper unless it is not to be scaled, and is cut; copies and size count', async () => {
    const qz = await pageOf()
    clearPaper()
    const { cuts } = twin
    const { base64, black } = pictureOf(576, 24)
    const pixel = { type: 'pixel', format: 'image', flavor: 'base64', data: base64 }
    await qz.print(qz.configs.create(name, { copies: 2 }), [pixel])
    const expected = Array.from({ length: 24 }, (_, y) =>
      Array.from({ length: 576 }, (_, x) => (black(x, y) ? '#' : '.'))
        .join('')
        .replace(/\.+$/, ''),
    )
    expect(dotsOnPaper()).toEqual([...expected, ...expected])
    expect(twin.cuts).toBe(cuts + 2)
    const widths = async (options: Record<string, unknown>) => {
      clearPaper()
      const data = pictureOf(100, 16).base64
      await qz.print(qz.configs.create(name, options), [
        { type: 'pixel', format: 'image', flavor: 'base64', data },
      ])
      return dotsOnPaper().length
    }
    expect(await widths({ scaleContent: false })).toBe(16)
    expect(await widths({})).toBe(Math.round((16 * 576) / 100))
    expect(await widths({ size: { width: 200 / 203 }, units: 'in' })).toBe(32)
    expect(await widths({ size: { width: 25.4 * (200 / 203) }, units: 'mm' })).toBe(32)
    // The old way of qz: a data URL.
    clearPaper()
    const url = `data:image/png;base64,${base64}`
    await qz.print(qz.configs.create(name), [{ type: 'pixel', format: 'image', data: url }])
    expect(dotsOnPaper()).toEqual(expected)
  })

  it('[QZ15] what cannot be printed is refused by a sentence, and nothing of it is printed', async () => {
    const qz = await pageOf()
    clearPaper()
    const config = qz.configs.create(name)
    const pdf = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64')
    const refused: [unknown, unknown[], RegExp][] = [
      [config, [{ type: 'pixel', format: 'html', flavor: 'plain', data: '<b>x</b>' }], /draws no web pages/],
      [
        config,
        [{ type: 'pixel', format: 'image', flavor: 'file', data: 'https://pos.example/a.png' }],
        /fetches nothing/,
      ],
      [config, [{ type: 'raw', format: 'command', flavor: 'file', data: '/etc/passwd' }], /fetches nothing/],
      [
        config,
        [{ type: 'raw', format: 'command', flavor: 'xml', data: 'https://pos.example/a.xml' }],
        /plain, base64 and hex/,
      ],
      [config, [{ type: 'pixel', format: 'pdf', flavor: 'base64', data: pdf }], /PDF is for page printers/],
      [config, [{ type: 'raw', format: 'command', flavor: 'hex', data: '1B4' }], /is not hex/],
      [config, [{ type: 'pixel', format: 'image', flavor: 'base64', data: 'AAAA' }], /image cannot be read/],
      [
        config,
        ['a', { type: 'pixel', format: 'image', flavor: 'base64', data: 'AAAA' }],
        /mixes raw and pixel/,
      ],
      [qz.configs.create('Nobody'), ['a'], /There is no device Nobody/],
      [qz.configs.create({ host: '127.0.0.1', port: 22 }), ['a'], /is no printer of the hub/],
      [qz.configs.create({ file: '/tmp/x' }), ['a'], /prints on printers only/],
      [qz.configs.create(name, { copies: 21 }), ['a'], /1 to 20/],
    ]
    for (const [to, data, words] of refused) expect(await told(qz.print(to, data))).toMatch(words)
    expect(received.length).toBe(0)
    await qz.print(qz.configs.create({ host: '127.0.0.1', port: server.port }), ['by address\n'])
    expect(twin.printedText()).toContain('by address')
  })

  it('[QZ16] a printer that is away says so at once, and does not print it later', async () => {
    const qz = await pageOf()
    clearPaper()
    twin.order({ order: 'plug', on: false })
    const { devices } = await shop.technician.call('device.list', {})
    const { id } = devices.find((device) => device.name === name)!
    const state = async () => (await shop.technician.call('device.get', { id })).state
    await until(async () => (await state()) === 'absent', 'away')
    expect(await told(qz.print(qz.configs.create(name), ['later\n']))).toMatch(/is not connected/)
    twin.order({ order: 'plug', on: true })
    await until(async () => (await state()) === 'ready', 'back', 30_000)
    await qz.print(qz.configs.create(name), ['now\n'])
    expect(twin.printedText()).toContain('now')
    expect(twin.printedText()).not.toContain('later')
  }, 60_000)

  it.skipIf(noIppPrinterHere() !== undefined)(
    '[QZ17] a PDF comes out of a page printer as it is',
    async () => {
      const printer = await startIppPrinter()
      undo.push(() => printer.stop())
      const port = printer.url
      const { id } = await shop.technician.call('device.add', {
        class: 'printer',
        driver: 'ipp',
        port,
        name: 'Office',
      })
      undo.push(() => shop.technician.call('device.remove', { id }))
      const ready = async () => (await shop.technician.call('device.get', { id })).state === 'ready'
      await until(ready, 'the page printer is ready', 30_000)
      const qz = await pageOf()
      const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n')
      const part = { type: 'pixel', format: 'pdf', flavor: 'base64', data: pdf.toString('base64') }
      await qz.print(qz.configs.create('Office'), [part])
      expect([...printer.documents().values()].some((document) => document.equals(pdf))).toBe(true)
    },
    90_000,
  )
})

describe('the rest', () => {
  it('[QZ18] scanners are serial ports that tell each scan; they are not written to, and scales are not ports', async () => {
    const qz = await pageOf()
    const heard: unknown[] = []
    qz.serial.setSerialCallbacks((event) => heard.push(event))
    const [port] = await qz.serial.findPorts()
    const { devices } = await shop.technician.call('device.list', {})
    const scanner = devices.find((device) => device.class === 'scanner')!
    expect(port).toBe(scanner.name)
    const scan = (code: string) =>
      shop.technician.call('demo.order', { device: scanner.id, order: { order: 'scan', code } })
    await qz.serial.openPort(scanner.name)
    await scan('4006381333931')
    await until(() => heard.length === 1, 'a scan')
    expect(heard[0]).toEqual({ type: 'RECEIVE', portName: scanner.name, output: '4006381333931' })
    expect(await told(qz.serial.openPort(scanner.name))).toMatch(/open already/)
    expect(await told(qz.serial.sendData(scanner.name, 'x'))).toMatch(/not written to/)
    await qz.serial.closePort(scanner.name)
    expect(await told(qz.serial.closePort(scanner.name))).toMatch(/is not open/)
    await qz.serial.openPort(scanner.name, { rx: {} })
    await scan('96385074')
    await until(() => heard.length === 2, 'another scan')
    expect(heard[1]).toMatchObject({ output: '96385074\r' })
    const scale = devices.find((device) => device.class === 'scale')!
    expect(await told(qz.serial.openPort(scale.name))).toMatch(/speaks with the scale itself/)
  })

  it('[QZ19] the network tells the hub’s own address; USB, HID, files and sockets are refused with what to use', async () => {
    const qz = await pageOf()
    expect(await qz.networking.hostname()).toBe(hostname())
    expect(await qz.networking.device()).toMatchObject({
      hostname: hostname(),
      ip: expect.stringMatching(/^(127\.|::1)/),
    })
    expect(await qz.networking.devices()).toHaveLength(1)
    expect(await qz.websocket.getNetworkInfo()).toMatchObject({
      ipAddress: expect.stringMatching(/^(127\.|::1)/),
    })
    expect(await told(qz.usb.listDevices())).toMatch(/has the USB devices itself/)
    expect(await told(qz.hid.listDevices())).toMatch(/has the HID devices itself/)
    expect(await told(qz.file.list('/'))).toMatch(/keeps no files/)
    expect(await told(qz.socket.open('127.0.0.1', 22))).toMatch(/opens no connections/)
  })

  it('[QZ20] many pages print at the same time, and each is answered for its own', async () => {
    clearPaper()
    const pages = await Promise.all(Array.from({ length: 20 }, () => pageOf()))
    const results = await Promise.all(
      pages.map((qz, index) => told(qz.print(qz.configs.create(name), [`ticket ${index};\n`]))),
    )
    expect(results).toEqual(results.map(() => 'no error'))
    for (const index of pages.keys()) expect(twin.printedText().split(`ticket ${index};`)).toHaveLength(2)
  }, 60_000)

  it('[QZ21] keep-alives want no answer; what is no request of qz-tray is closed with 4003, a message too long with 1009', async () => {
    const socket = await rawSocket(shop, allowed)
    const heard = answers(socket)
    socket.send('ping')
    socket.send(JSON.stringify({ call: 'getVersion', uid: 'v' }))
    await until(() => heard.length === 1, 'an answer')
    expect(heard[0]).toEqual({ uid: 'v', result: '2.2.6' })
    expect(await closedWith(socket, 'nonsense')).toBe(4003)
    expect(await closedWith(await rawSocket(shop, allowed), '[1]')).toBe(4003)
    const deep = `{"uid":"a","params":${'['.repeat(qzLimits.nestingMax)}${']'.repeat(qzLimits.nestingMax)}}`
    expect(await closedWith(await rawSocket(shop, allowed), deep)).toBe(4003)
    const long = (bytes: number) => JSON.stringify({ uid: 'a', certificate: null, pad: 'x'.repeat(bytes) })
    const fits = await rawSocket(shop, 'https://x.example')
    expect(await closedWith(fits, long(qzLimits.strangerBytesMax - 100))).toBe(1008)
    expect(
      await closedWith(await rawSocket(shop, 'https://x.example'), long(qzLimits.strangerBytesMax)),
    ).toBe(1009)
    expect(await closedWith(await rawSocket(shop, allowed), long(qzLimits.messageBytesMax))).toBe(1009)
  }, 30_000)

  it('[QZ22] a client that floods is closed, and the others go on', async () => {
    const socket = await rawSocket(shop, allowed)
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    for (let i = 0; i < qzLimits.requestsBurstMax * 3; i++)
      socket.send(JSON.stringify({ call: 'getVersion', uid: String(i) }))
    expect(await closed).toBe(1013)
    expect(await (await pageOf()).printers.getDefault()).toBe(name)
  })

  it('[QZ23] when the hub ends, pages are told and their prints are answered', async () => {
    const ending = await shopOf()
    const qz = loadQz({ origin: allowed })
    await connect(qz, ending)
    const codes: (number | undefined)[] = []
    qz.websocket.setClosedCallbacks(({ code }) => codes.push(code))
    expect(await ending.hub.stop()).toBe(0)
    await until(() => codes.length === 1, 'closed')
    expect(codes).toEqual([1012])
  })
})

interface Answer {
  uid?: string
  result?: unknown
  error?: string
}

async function rawSocket({ port }: Shop, origin: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://localhost:${port}`, { origin })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('open', resolve))
  undo.push(() => socket.terminate())
  return socket
}

function answers(socket: WebSocket): Answer[] {
  const heard: Answer[] = []
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Answer))
  return heard
}

const closedWith = (socket: WebSocket, text: string) =>
  new Promise<number>((resolve) => {
    socket.once('close', resolve)
    socket.send(text)
  })

const reached = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = new WebSocket(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false, origin: allowed })
    socket.once('open', () => {
      socket.terminate()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
