/** Bad input through the public door: a coded error that names the path each time, and nobody else notices. */
import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { serveTwin, type TwinServer } from '../support/twin-tcp.ts'

/** A PNG file of 30,000 x 30,000 pixels in a few kilobytes. */
function pngBomb(): string {
  const chunk = (type: string, data: Buffer) => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(data.length)
    return Buffer.concat([head, Buffer.from(type), data, Buffer.alloc(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(30_000, 0)
  header.writeUInt32BE(30_000, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = deflateSync(Buffer.alloc(1_000_000))
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]).toString('base64')
}

const barcode = (symbology: string, data: string) => ({
  receipt: {
    blocks: [
      { type: 'text', text: 'x' },
      { type: 'barcode', symbology, data },
    ],
  },
})

describe('bad input', () => {
  let hub: HubProcess
  let server: TwinServer
  let till: HubClient
  let token: string
  const twin = createEscposTwin({ clock: systemClock })
  beforeAll(async () => {
    server = await serveTwin(twin)
    hub = await HubProcess.start({ args: ['--log', 'error'] })
    // With an owner there is no set-up ticket among the jobs.
    await hub.setUp()
    token = await hub.token('technician')
    till = await hub.client('technician', token)
    await till.call('device.add', {
      class: 'printer',
      driver: 'escpos',
      profile: 'epson-tm-m30ii',
      port: `tcp://127.0.0.1:${server.port}`,
    })
    await until(
      async () => (await till.call('device.get', { id: 'printer-1' })).state === 'ready',
      'the printer',
    )
  })
  afterAll(async () => {
    await hub.end()
    await server.close()
  })

  const submit = (params: object) =>
    till.call('job.submit', { id: 'x', device: 'printer-1', kind: 'print', ...params } as never)

  it.each([
    ['an unknown device', { device: 'nope', payload: { text: 'x' } }, 'device_unknown', undefined],
    ['an unknown kind', { kind: 'fly', payload: {} }, 'params_invalid', 'kind'],
    ['an unknown field', { payload: { text: 'x' }, colour: 1 }, 'params_invalid', 'colour'],
    [
      'an unknown field deep inside',
      { payload: { receipt: { blocks: [{ type: 'text', text: 'x', colour: 1 }] } } },
      'params_invalid',
      'payload.receipt.blocks[0].colour',
    ],
    [
      '10,000 blocks',
      { payload: { receipt: { blocks: Array.from({ length: 10_000 }, () => ({ type: 'rule' })) } } },
      'params_invalid',
      'payload.receipt.blocks',
    ],
    [
      'an unknown block',
      { payload: { receipt: { blocks: [{ type: 'rule' }, { type: 'dance' }] } } },
      'params_invalid',
      'payload.receipt.blocks[1].type',
    ],
    ['two contents', { payload: { text: 'x', raw: 'eA==' } }, 'params_invalid', 'payload'],
    ['broken base64', { payload: { raw: 'not base64!' } }, 'base64_invalid', 'payload.raw'],
    [
      'broken base64 of an image',
      { payload: { receipt: { blocks: [{ type: 'image', png: '***' }] } } },
      'base64_invalid',
      'payload.receipt.blocks[0].png',
    ],
    [
      'an image that is none',
      { payload: { image: Buffer.from('hello').toString('base64') } },
      'image_invalid',
      'payload.image',
    ],
    ['a PNG bomb', { payload: { image: pngBomb() } }, 'image_too_large', 'payload.image'],
    [
      'an EAN with a wrong check digit',
      { payload: barcode('ean13', '4006381333932') },
      'barcode_invalid',
      'payload.receipt.blocks[1].data',
    ],
    [
      'an EAN with letters',
      { payload: barcode('ean13', 'abc') },
      'barcode_invalid',
      'payload.receipt.blocks[1].data',
    ],
    ['an odd ITF', { payload: barcode('itf', '12345') }, 'barcode_invalid', 'payload.receipt.blocks[1].data'],
    [
      'a Code 39 in small letters',
      { payload: barcode('code39', 'ä') },
      'barcode_invalid',
      'payload.receipt.blocks[1].data',
    ],
    [
      'a Code 128 that is wider than the paper',
      { payload: barcode('code128', 'x'.repeat(200)) },
      'barcode_invalid',
      'payload.receipt.blocks[1].data',
    ],
    [
      'a QR code that holds too much',
      { payload: { receipt: { blocks: [{ type: 'qr', data: 'x'.repeat(2_000), errorCorrection: 'H' }] } } },
      'barcode_invalid',
      'payload.receipt.blocks[0].data',
    ],
    [
      'a control character in a text',
      { payload: { receipt: { blocks: [{ type: 'text', text: 'a\u001bp' }] } } },
      'params_invalid',
      'payload.receipt.blocks[0].text',
    ],
    ['a PDF on a receipt printer', { payload: { pdf: 'eA==' } }, 'payload_unsupported', 'payload.pdf'],
    ['a job id with a space', { id: 'a b', payload: { text: 'x' } }, 'params_invalid', 'id'],
  ])('%s is a coded error with its path', async (_, params, code, path) => {
    const error = await submit(params).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(HubError)
    expect(error).toMatchObject({ code, ...(path === undefined ? {} : { context: { path } }) })
    expect(twin.bytesReceived).toBeLessThan(2_000)
    expect((await till.call('job.list', {})).jobs).toEqual([])
  })

  it('[P32] a frame of 50 MB closes its own connection and nobody else notices', {
    timeout: 30_000,
  }, async () => {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/ws`, 'tillbridge.v1')
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.send('x'.repeat(50 * 1024 * 1024))
    expect(await closed).toBe(1009)
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'ping',
      params: { x: 'y'.repeat(50 * 1024 * 1024) },
    })
    const answer = await fetch(`${hub.url}/api/v1/rpc`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    }).then(
      (response) => response.status,
      () => 413,
    )
    expect(answer).toBe(413)
    expect(await till.print('printer-1', { text: 'still here' })).toMatchObject({ state: 'done' })
  })

  it('the hub, the queue and other clients are untouched', async () => {
    const before = await till.call('hub.info', {})
    expect(before.status).toBe('ready')
    const ids = await Promise.all(
      Array.from({ length: 10 }, (_, number) => till.print('printer-1', { text: `ticket ${number}` })),
    )
    expect(ids.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'done'))
    expect(twin.violations).toEqual([])
  })
})
