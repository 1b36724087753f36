/** Tills that speak ePOS-Print, against an ESC/POS printer on a socket: what Odoo sent, and everything else that may come. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { statusBits } from '../../src/hub/doors/epos/answer.ts'
import { eposLimits } from '../../src/hub/doors/epos/epos-limits.ts'
import { readWork } from '../../src/hub/doors/epos/receipt.ts'
import { readRequest } from '../../src/hub/doors/epos/request.ts'
import { readXml } from '../../src/hub/doors/epos/xml.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import type { Block } from '../../src/protocol/receipt.ts'
import { chromiumOptions } from '../support/chromium.ts'
import { CounterHub } from '../support/counter-hub.ts'
import { freePort } from '../support/free-port.ts'
import { HubProcess, until } from '../support/hub-process.ts'

const recorded = (name: string) =>
  readFileSync(new URL(`../fixtures/${name}.request.xml`, import.meta.url), 'utf8')

let hub: HubProcess
let technician: HubClient
let twin: EscposTwin
let counter: CounterHub
let kitchenPort: number
let shop: ReturnType<typeof createServer>
const originOf = () => `http://127.0.0.1:${(shop.address() as AddressInfo).port}`

beforeAll(async () => {
  shop = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>POS</title>'),
  )
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  kitchenPort = await freePort()
  counter = await CounterHub.start(`[http]
also = [${kitchenPort}]
[epos]
sources = ["127.0.0.1"]
origins = ["${originOf()}"]
printer = "counter"
[[epos.printers]]
port = ${kitchenPort}
printer = "Away"
[[epos.printers]]
devid = "by-table"
printer = "counter"
[[devices]]
id = "away"
class = "printer"
driver = "escpos"
port = "tcp://127.0.0.1:9"
name = "Away"
`)
  ;({ hub, technician, twin } = counter)
}, 40_000)
afterAll(async () => {
  await counter?.end()
  shop?.close()
})

beforeEach(() => counter.fresh())

interface Answer {
  success: string | undefined
  code: string | undefined
  status: number
  text: string
  http: number
}

async function post(
  body: string,
  { query = 'devid=local_printer', type = 'text/plain;charset=UTF-8', url = hub.url, origin = '' } = {},
): Promise<Answer> {
  const response = await fetch(`${url}/cgi-bin/epos/service.cgi?${query}`, {
    method: 'POST',
    body,
    headers: { 'content-type': type, ...(origin !== '' && { origin }) },
  })
  const text = await response.text()
  const attribute = (name: string) => new RegExp(`<response [^>]*\\b${name}="([^"]*)"`).exec(text)?.[1]
  return {
    success: attribute('success'),
    code: attribute('code'),
    status: Number(attribute('status')),
    text,
    http: response.status,
  }
}

const epos = (body: string) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><epos-print xmlns="http://www.epson-pos.com/schemas/2011/03/epos-print">${body}</epos-print></s:Body></s:Envelope>`

/** What lies on the paper as dots: all pictures of the last ticket, one below the other. */
function dotsOfLastTicket(): { width: number; rows: Uint8Array[] } {
  const images =
    twin.model.tickets.at(-1)?.items.flatMap((item) => (item.kind === 'image' ? [item] : [])) ?? []
  const rows: Uint8Array[] = []
  let width = 0
  for (const { bitmap, x } of images) {
    width = Math.max(width, x + bitmap.width)
    const bytes = bitmap.bits.length / bitmap.height
    for (let y = 0; y < bitmap.height; y++) rows.push(bitmap.bits.subarray(y * bytes, (y + 1) * bytes))
  }
  return { width, rows }
}

const isDot = (row: Uint8Array | undefined, x: number) => (((row?.[x >> 3] ?? 0) >> (7 - (x & 7))) & 1) === 1

describe('what Odoo sent', () => {
  it.each(['odoo-18', 'odoo-19'])(
    '[EP1] [EP4] [EP8] %s: the receipt is on the paper dot by dot, and the drawer opens',
    async (version) => {
      const body = recorded(`${version}/epos-receipt`)
      const [, width = '', height = '', bits = ''] =
        /<image\s+width="(\d+)" height="(\d+)"[^>]*>([^<]*)</.exec(body) ?? []
      expect(await post(body)).toMatchObject({ success: 'true', code: '', http: 200 })
      const { rows } = dotsOfLastTicket()
      expect(rows).toHaveLength(Number(height))
      const sent = Buffer.from(bits, 'base64')
      const rowBytes = Number(width) / 8
      // 576 dots of paper: it stands in the middle.
      const left = (576 - Number(width)) / 2
      let wrong = 0
      let black = 0
      for (let y = 0; y < Number(height); y++)
        for (let x = 0; x < Number(width); x++) {
          const wanted = isDot(sent.subarray(y * rowBytes, (y + 1) * rowBytes), x)
          if (wanted) black++
          if (isDot(rows[y], left + x) !== wanted) wrong++
        }
      expect(black).toBeGreaterThan(10_000)
      expect(wrong).toBe(0)
      expect(twin.model.tickets.at(-1)?.cut).not.toBe('torn')
      const pulses = twin.pulses.length
      expect(await post(recorded(`${version}/epos-pulse`))).toMatchObject({ success: 'true', code: '' })
      expect(twin.pulses).toHaveLength(pulses + 1)
      expect(twin.violations).toEqual([])
    },
  )

  it('[EP5] [EP6] [EP7] without paper it is told so, and nothing is printed when there is paper again', async () => {
    twin.order({ order: 'paper', state: 'out' })
    await until(
      async () => (await technician.call('device.get', { id: 'counter' })).state === 'faulty',
      'no paper',
    )
    const before = twin.model.tickets.length
    const answer = await post(recorded('odoo-19/epos-receipt'))
    expect(answer).toMatchObject({ success: 'false', code: 'EPTR_REC_EMPTY' })
    expect(answer.status & statusBits.paperEnd).toBe(statusBits.paperEnd)
    expect(answer.status & statusBits.printSuccess).toBe(0)
    twin.order({ order: 'paper', state: 'full' })
    await until(
      async () => (await technician.call('device.get', { id: 'counter' })).state === 'ready',
      'paper',
    )
    expect((await post(epos('<text>after&#10;</text><cut/>'))).success).toBe('true')
    expect(twin.model.tickets.length).toBe(before + 1)
    expect(twin.tickets.at(-1)?.join('')).toContain('after')
  })
})

describe('what the till is told', () => {
  it('[EP6] [EP10] how the printer is: well, low on paper, open, away', async () => {
    expect(await post(epos(''))).toMatchObject({ success: 'true', code: '', status: expect.any(Number) })
    twin.order({ order: 'paper', state: 'low' })
    await until(async () => (await technician.call('device.get', { id: 'counter' })).faults.length > 0, 'low')
    const low = await post(epos('<text>x&#10;</text>'))
    expect([low.success, low.status & statusBits.paperNearEnd]).toEqual(['true', statusBits.paperNearEnd])
    twin.order({ order: 'cover', open: true })
    await until(
      async () => (await technician.call('device.get', { id: 'counter' })).state === 'faulty',
      'open',
    )
    const open = await post(epos(''))
    expect([open.success, open.code, open.status & statusBits.coverOpen]).toEqual([
      'false',
      'EPTR_COVER_OPEN',
      statusBits.coverOpen,
    ])
    expect(await post(epos('<text>x</text>'), { query: 'devid=away' })).toMatchObject({
      ...{ success: 'false', code: 'EX_BADPORT', status: statusBits.noResponse },
    })
  })

  it('[EP3] which printer: by port, by the table, by id and name; any other is not found', async () => {
    const kitchen = hub.url.replace(/:\d+$/, `:${kitchenPort}`)
    expect((await post(epos('<text>x</text>'), { url: kitchen })).code).toBe('EX_BADPORT')
    for (const devid of ['by-table', 'counter', 'Counter'])
      expect((await post(epos('<text>x&#10;</text>'), { query: `devid=${devid}` })).success, devid).toBe(
        'true',
      )
    expect((await post(epos('<text>x</text>'), { query: 'devid=nowhere' })).code).toBe('DeviceNotFound')
    const header =
      '<parameter><devid>nowhere</devid><timeout>5000</timeout><printjobid>R&amp;D 1</printjobid></parameter>'
    const answer = await post(`<e><Header>${header}</Header><epos-print><text>x</text></epos-print></e>`)
    expect(answer.code).toBe('DeviceNotFound')
    // [EP11] told back, whatever is in it.
    expect(readXml(answer.text).children[0]?.children[0]?.children[1]?.text).toBe('R&D 1')
  })

  it('[EP11] the same printjobid twice is two receipts', async () => {
    const body =
      '<e><parameter><printjobid>1</printjobid></parameter><epos-print><text>one&#10;</text><cut/></epos-print></e>'
    const before = twin.model.tickets.length
    await Promise.all([post(body), post(body)])
    expect(twin.model.tickets.length).toBe(before + 2)
  })

  it('[EP7] in time: a printer that hangs is a timeout, and what it never got is not printed later', async () => {
    twin.order({ order: 'silent', on: true })
    const first = post(epos('<text>hangs&#10;</text><cut/>'), { query: 'devid=local_printer&timeout=2000' })
    const second = post(epos('<text>waits&#10;</text><cut/>'), { query: 'devid=local_printer&timeout=2000' })
    for (const answer of [await first, await second])
      expect([answer.success, ['EX_TIMEOUT', 'EX_BADPORT'].includes(answer.code ?? '')]).toEqual([
        'false',
        true,
      ])
    twin.order({ order: 'silent', on: false })
    await until(
      async () => (await technician.call('device.get', { id: 'counter' })).state === 'ready',
      'it answers',
      60_000,
    )
    expect((await post(epos('<text>last&#10;</text><cut/>'))).success).toBe('true')
    expect(twin.tickets.flat().join('\n')).not.toContain('waits')
  }, 90_000)

  it('[EP5] what cannot be read, is too large or comes too often, each in its own word', async () => {
    for (const body of [
      '',
      'no xml',
      '<epos-print><text>x',
      '<other/>',
      epos('<marquee/>'),
      epos('<barcode type="codabar">1</barcode>'),
      epos('<image width="8" height="9">AAAA</image>'),
      epos('<barcode type="ean13">123</barcode>'),
      `<!DOCTYPE x [<!ENTITY a "b">]><epos-print>&a;</epos-print>`,
    ])
      expect(await post(body), body).toMatchObject({ success: 'false', code: 'SchemaError', http: 200 })
    const large = await post(epos(`<text>${'x'.repeat(eposLimits.bodyBytesMax)}</text>`))
    expect(large).toMatchObject({ success: 'false', code: 'RequestEntityTooLarge' })
    // A hub of its own: it takes a while until the rate is forgotten.
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-epos-'))
    writeFileSync(join(dir, 'tillbridge.toml'), '[epos]\nsources = ["127.0.0.0/8"]\n')
    const flooded = await HubProcess.start({ dir })
    const codes = new Set<string | undefined>()
    for (let round = 0; round < 20; round++)
      for (const { code } of await Promise.all(
        Array.from({ length: 20 }, () => post(epos(''), { url: flooded.url })),
      ))
        codes.add(code)
    expect(codes).toEqual(new Set(['DeviceNotFound', 'TooManyRequests']))
    await flooded.end()
  })

  it('[EP4] a till that hangs up before the answer has printed, and the next one is served', async () => {
    const { hostname, port } = new URL(hub.url)
    const body = epos('<text>hung up&#10;</text><cut/>')
    const socket = connect(Number(port), hostname)
    socket.write(
      `POST /cgi-bin/epos/service.cgi HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await until(() => twin.tickets.flat().join('').includes('hung up'), 'it is printed')
    socket.destroy()
    expect((await post(epos('<text>next&#10;</text>'))).success).toBe('true')
  })
})

describe('who may', () => {
  it('[EP2] pages of the origins that are named, in a browser', async () => {
    const browser = await chromium.launch(chromiumOptions)
    try {
      const page = await browser.newPage()
      const ask = (type: string, headers: Record<string, string> = {}) =>
        page.evaluate(
          ([url, body, type, headers]) =>
            fetch(url, { method: 'POST', body, headers: { 'Content-Type': type, ...headers } }).then(
              (response) => response.text(),
              (error: Error) => error.name,
            ),
          [
            `${hub.url}/cgi-bin/epos/service.cgi?devid=local_printer`,
            epos('<text>page&#10;</text>'),
            type,
            headers,
          ] as const,
        )
      await page.goto(originOf())
      expect(await ask('text/plain;charset=UTF-8')).toContain('success="true"')
      // As Epson's own library asks: the browser asks first whether it may.
      const own = { SOAPAction: '""', 'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' }
      expect(await ask('text/xml; charset=utf-8', own)).toContain('success="true"')
      await page.goto(originOf().replace('127.0.0.1', 'localhost'))
      expect(await ask('text/plain;charset=UTF-8')).toBe('TypeError')
    } finally {
      await browser.close()
    }
  })

  it('[EP2] others are refused and stand in the audit log; without a list the door is shut', async () => {
    expect((await post(epos('<text>x</text>'), { origin: 'https://evil.example' })).http).toBe(403)
    const { entries } = await technician
      .call('audit.list', { text: 'evil.example' })
      .catch(() => ({ entries: [] as unknown[] }))
    expect(entries.length + Number(hub.log().includes('origin.refused'))).toBeGreaterThan(0)
    const shut = await HubProcess.start()
    expect(
      (await fetch(`${shut.url}/cgi-bin/epos/service.cgi`, { method: 'POST', body: epos('') })).status,
    ).toBe(404)
    await shut.end()
  })
})

describe('what is on the receipt', () => {
  const blocksOf = (body: string): Block[] => {
    const work = readWork(readRequest(epos(body), new URLSearchParams()).document)
    if (work.kind !== 'print') throw new Error(`it is ${work.kind}`)
    return work.payload.receipt?.blocks ?? []
  }

  it('[EP1] text is one stream: its style stays, lines end where they end, mixed lines are columns', () => {
    expect(
      blocksOf(
        '<text align="center" em="true" width="2" height="2">BISTRO&#10;</text><text em="false" width="1" height="1" align="left">a </text><text em="true">b&#10;</text><text em="false">one&#10;two&#10;&#10;three</text><cut/>',
      ),
    ).toEqual([
      { type: 'text', text: 'BISTRO', align: 'center', bold: true, size: 2 },
      {
        type: 'row',
        columns: [
          { text: 'a ', width: 2 },
          { text: 'b', flex: 1, bold: true },
        ],
      },
      { type: 'text', text: 'one\ntwo\n\nthree', align: 'left' },
      { type: 'cut' },
    ])
    expect(blocksOf('<text dh="true">tall&#10;</text>')).toEqual([
      { type: 'text', text: 'tall', align: 'left', bold: true },
    ])
    expect(blocksOf('<text>a&#9;b\u0007</text>')).toEqual([
      { type: 'text', text: 'a       b', align: 'left' },
    ])
    expect(blocksOf('<text x="120">far</text>')).toEqual([
      { type: 'text', text: '          far', align: 'left' },
    ])
    expect(blocksOf('<text font="font_b" ul="1" reverse="true">s</text>')).toEqual([
      { type: 'text', text: 's', align: 'left', small: true, underline: true, invert: true },
    ])
  })

  it('[EP1] ten thousand lines fit, more text than a receipt takes is refused', () => {
    const blocks = blocksOf(`<text>${'a line of a long receipt&#10;'.repeat(10_000)}</text>`)
    expect(
      blocks
        .map((block) => (block.type === 'text' ? block.text : ''))
        .join('\n')
        .split('\n'),
    ).toHaveLength(10_000)
    expect(() => blocksOf('<cut/>'.repeat(2_001))).toThrow('2000')
  })

  it('[EP1] symbols, feeds, rules, drawers, buzzers, page mode', () => {
    expect(
      blocksOf(
        '<barcode type="ean13" hri="below" width="3" height="64" align="right">4006381333931</barcode><barcode type="code128">{BAb{C\u000c\u0022</barcode><symbol type="qrcode_model_2" level="level_h" width="6">https://x</symbol><symbol type="pdf417_standard">y</symbol><feed/><feed line="3"/><feed unit="90"/><feed line="120"/><hline x1="0" x2="9" style="double"/><pulse drawer="drawer_2" time="pulse_200"/><sound pattern="pattern_a" repeat="20"/><page><area x="0"/><position x="24" y="30"/><text>in</text><position x="0" y="60"/><text>page</text></page>',
      ),
    ).toEqual([
      {
        type: 'barcode',
        symbology: 'ean13',
        data: '4006381333931',
        align: 'right',
        text: true,
        height: 64,
        module: 3,
      },
      { type: 'barcode', symbology: 'code128', data: 'Ab1234', align: 'right', text: false },
      { type: 'qr', data: 'https://x', align: 'right', errorCorrection: 'H', module: 6 },
      { type: 'pdf417', data: 'y', align: 'right' },
      { type: 'feed', lines: 3 },
      { type: 'feed', lines: 3 },
      ...[
        { type: 'feed', lines: 50 },
        { type: 'feed', lines: 50 },
        { type: 'feed', lines: 20 },
      ],
      { type: 'rule', style: 'double' },
      { type: 'pulse', drawer: 2 },
      { type: 'buzzer', times: 9 },
      { type: 'text', text: '  in', align: 'right' },
      { type: 'text', text: 'page', align: 'right' },
    ])
  })

  it('[EP8] rows with padding and without, grey of sixteen', () => {
    // Two rows of nine dots, all black: 18 bits in three bytes, or 16 bits each.
    const packed = Buffer.from([0xff, 0xff, 0xc0]).toString('base64')
    const padded = Buffer.from([0xff, 0x80, 0xff, 0x80])
    for (const bits of [packed, padded.toString('base64')])
      expect(blocksOf(`<image width="9" height="2">${bits}</image>`)).toEqual([
        { type: 'raster', width: 9, height: 2, bits: padded.toString('base64'), align: 'left' },
      ])
    const grey = Buffer.from([0x0f, 0x78]).toString('base64')
    expect(blocksOf(`<image width="4" height="1" mode="gray16" align="center"> ${grey} </image>`)).toEqual([
      {
        type: 'raster',
        width: 4,
        height: 1,
        bits: Buffer.from([0b0101_0000]).toString('base64'),
        align: 'center',
      },
    ])
  })

  it('[EP4] raw ESC/POS alone goes to printers that speak it', async () => {
    expect(
      await post(
        epos(`<command>${Buffer.from('raw line\n').toString('hex')}</command><command>1d564200</command>`),
      ),
    ).toMatchObject({ success: 'true' })
    expect(twin.tickets.at(-1)?.join('')).toContain('raw line')
    expect((await post(epos('<command>xyz</command>'))).code).toBe('SchemaError')
  })
})

describe('XML', () => {
  it('[EP9] is read with entities, CDATA, comments, prefixes and quotes of both kinds', () => {
    const root = readXml(
      `\ufeff<?xml version="1.0"?><!-- c --><a:b x='1"' y="&lt;&#65;&#x1F600;">t&amp;<![CDATA[<&>]]><c/>u</a:b>`,
    )
    expect(root).toMatchObject({ name: 'b', attributes: { x: '1"', y: '<A😀' }, text: 't&<&>u' })
    expect(root.children.map(({ name }) => name)).toEqual(['c'])
  })

  it.each([
    ['<a>', 'is not closed'],
    ['<a></b>', 'closes nothing'],
    ['<a/><b/>', 'second root'],
    ['x<a/>', 'outside'],
    ['<a x="1" x="2"/>', 'twice'],
    ['<a x=1/>', 'well formed'],
    ['<a>&nbsp;</a>', 'no character'],
    ['<a>&#0;</a>', 'no character'],
    ['<a>&#xD800;</a>', 'no character'],
    ['<a>& b</a>', 'no character'],
    ['<!DOCTYPE a><a/>', 'document type'],
    ['<a><!-- </a>', 'no -->'],
    ['', 'no element'],
    ['<a>'.repeat(eposLimits.depthMax + 1) + '</a>'.repeat(eposLimits.depthMax + 1), 'deeper'],
    [`<a>${'<b/>'.repeat(eposLimits.elementsMax)}</a>`, 'more than'],
  ])('[EP9] refuses %#', (text, reason) => {
    expect(() => readXml(text)).toThrow(reason)
  })

  it('[EP9] takes what is just within the limits', () => {
    const { depthMax, elementsMax } = eposLimits
    expect(readXml('<a>'.repeat(depthMax) + '</a>'.repeat(depthMax)).name).toBe('a')
    expect(readXml(`<a>${'<b/>'.repeat(elementsMax - 1)}</a>`).children).toHaveLength(elementsMax - 1)
  })
})
