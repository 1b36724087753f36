/** IPP messages: to the byte, round and back, against any bytes, and against the npm package `ipp`, which others wrote. */
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeIpp,
  encodeIpp,
  groupTags,
  type IppAttribute,
  type IppMessage,
  type IppValue,
  ippLimits,
  textsOf,
  valuesOf,
  valueTags,
} from '../../../src/drivers/printers/ipp/codec.ts'
import {
  createJob,
  getPrinter,
  printJob,
  readJobs,
  readPrinter,
} from '../../../src/drivers/printers/ipp/operations.ts'

interface Peer {
  serialize(message: object): Buffer
  parse(bytes: Buffer): Record<string, unknown> & Record<string, Record<string, unknown>>
}
const peer = createRequire(import.meta.url)('ipp') as Peer
const options = {
  printerUri: 'ipp://localhost/ipp/print',
  requestId: 7,
  user: 'tester',
  version: [2, 0] as const,
}

function decoded(bytes: Uint8Array): IppMessage {
  const message = decodeIpp(bytes)
  if ('reason' in message) throw new Error(message.reason)
  return message
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const scalar: fc.Arbitrary<IppValue> = fc.oneof(
  fc.record({ tag: fc.constantFrom(valueTags.integer, valueTags.enum), value: int }),
  fc.record({ tag: fc.constant(valueTags.boolean), value: fc.boolean() }),
  fc.record({
    tag: fc.constantFrom(
      valueTags.text,
      valueTags.name,
      valueTags.keyword,
      valueTags.uri,
      valueTags.mimeType,
    ),
    value: text,
  }),
  fc.record({
    tag: fc.constantFrom(valueTags.octetString, 0x10, 0x13),
    value: fc.uint8Array({ maxLength: 30 }),
  }),
  fc.record({ tag: fc.constant(valueTags.dateTime), value: fc.uint8Array({ minLength: 11, maxLength: 11 }) }),
  fc.record({ tag: fc.constant(valueTags.range), value: fc.record({ lower: int, upper: int }) }),
  fc.record({
    tag: fc.constant(valueTags.resolution),
    value: fc.record({ x: int, y: int, units: fc.constantFrom(3, 4) }),
  }),
  fc.record({ tag: fc.constant(valueTags.nameWithLanguage), value: fc.record({ language: text, text }) }),
)
const name = fc.stringMatching(/^[a-z][a-z-]{0,20}$/)
const attributes = (value: fc.Arbitrary<IppValue>): fc.Arbitrary<IppAttribute[]> =>
  fc.array(fc.record({ name, values: fc.array(value, { minLength: 1, maxLength: 4 }) }), { maxLength: 5 })
const collection = (inner: fc.Arbitrary<IppValue>): fc.Arbitrary<IppValue> =>
  attributes(inner).map((members) => ({ tag: valueTags.collection, value: { members } }))
const anyValue = fc.oneof(scalar, collection(fc.oneof(scalar, collection(scalar))))
const messages: fc.Arbitrary<IppMessage> = fc.record({
  version: fc.constantFrom([1, 1] as const, [2, 0] as const),
  code: fc.integer({ min: 0, max: 0xffff }),
  requestId: int,
  groups: fc.array(fc.record({ tag: fc.constantFrom(1, 2, 4, 5), attributes: attributes(anyValue) }), {
    maxLength: 3,
  }),
  data: fc.uint8Array({ maxLength: 60 }),
})

describe('messages', () => {
  it('[IPP1] the example of RFC 8010, appendix A.1, to the byte', () => {
    const message: IppMessage = {
      version: [1, 1],
      code: 2,
      requestId: 1,
      groups: [
        {
          tag: groupTags.operation,
          attributes: [
            { name: 'attributes-charset', values: [{ tag: valueTags.charset, value: 'utf-8' }] },
            { name: 'attributes-natural-language', values: [{ tag: valueTags.language, value: 'en-us' }] },
          ],
        },
        {
          tag: groupTags.job,
          attributes: [
            { name: 'copies', values: [{ tag: valueTags.integer, value: 20 }] },
            { name: 'sides', values: [{ tag: valueTags.keyword, value: 'two-sided-long-edge' }] },
          ],
        },
      ],
      data: Buffer.from('%!PDF'),
    }
    const head = '0101' + '0002' + '00000001' + '01'
    const charset = `470012${Buffer.from('attributes-charset').toString('hex')}0005${Buffer.from('utf-8').toString('hex')}`
    const language = `48001b${Buffer.from('attributes-natural-language').toString('hex')}0005${Buffer.from('en-us').toString('hex')}`
    const job = `02210006${Buffer.from('copies').toString('hex')}000400000014440005${Buffer.from('sides').toString('hex')}0013${Buffer.from('two-sided-long-edge').toString('hex')}`
    expect(Buffer.from(encodeIpp(message)).toString('hex')).toBe(
      `${head}${charset}${language}${job}03${Buffer.from('%!PDF').toString('hex')}`,
    )
  })

  it('[IPP2] what is written is read back as it was', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const back = decoded(encodeIpp(message))
        expect({ ...back, data: [...back.data] }).toEqual({ ...message, data: [...message.data] })
      }),
    )
  })

  it('[IPP3] any bytes are a message or a reason, never a throw', () => {
    let read = 0
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), messages, fc.nat(300), (noise, message, cut) => {
        decodeIpp(noise)
        decodeIpp(Buffer.concat([Buffer.from('0101000b00000001', 'hex'), noise]))
        const bytes = encodeIpp(message)
        const spoilt = bytes.slice(0, Math.min(cut, bytes.length))
        if (!('reason' in decodeIpp(spoilt))) read++
        for (const [index, byte] of noise.entries()) if (index < bytes.length) bytes[index]! ^= byte
        decodeIpp(bytes)
      }),
      { numRuns: 500 },
    )
    expect(read).toBeGreaterThan(0)
  })

  it('[IPP3] values and depth have limits, at their edge', () => {
    const head = Buffer.from('0200000000000001' + '04', 'hex')
    const first = Buffer.from('2100016100040000002a', 'hex')
    const more = Buffer.from('21000000040000002a', 'hex')
    const of = (count: number) =>
      Buffer.concat([head, first, ...Array<Buffer>(count - 1).fill(more), Buffer.of(3)])
    expect(decodeIpp(of(ippLimits.valuesMax))).toHaveProperty('groups')
    expect(decodeIpp(of(ippLimits.valuesMax + 1))).toEqual({ reason: expect.stringContaining('more than') })
    const nested = (depth: number): IppValue =>
      depth === 0
        ? { tag: valueTags.integer, value: 1 }
        : { tag: valueTags.collection, value: { members: [{ name: 'm', values: [nested(depth - 1)] }] } }
    const deep = (depth: number) =>
      decodeIpp(
        encodeIpp({
          version: [2, 0],
          code: 0,
          requestId: 1,
          groups: [{ tag: 4, attributes: [{ name: 'a', values: [nested(depth)] }] }],
          data: new Uint8Array(0),
        }),
      )
    expect(deep(ippLimits.depthMax)).toHaveProperty('groups')
    expect(deep(ippLimits.depthMax + 1)).toEqual({ reason: expect.stringContaining('too deep') })
  })

  it('[IPP3] groups and names of members have limits too, which a long answer of nothing else reaches', () => {
    const head = Buffer.from('0200000000000001', 'hex')
    const groups = (count: number) => decodeIpp(Buffer.concat([head, Buffer.alloc(count, 2), Buffer.of(3)]))
    expect(groups(ippLimits.groupsMax)).toHaveProperty('groups')
    expect(groups(ippLimits.groupsMax + 1)).toEqual({ reason: expect.stringContaining('groups') })
    const member = Buffer.from('4a0000' + '0001' + '61', 'hex')
    const collection = (names: number) =>
      decodeIpp(
        Buffer.concat([
          head,
          Buffer.from('04' + '340001610000', 'hex'),
          ...Array<Buffer>(names).fill(member),
          Buffer.from('3700000000' + '03', 'hex'),
        ]),
      )
    expect(collection(ippLimits.valuesMax - 1)).toHaveProperty('groups')
    expect(collection(ippLimits.valuesMax)).toEqual({ reason: expect.stringContaining('values') })
  })

  it('[IPP3] what stands in the wrong place is a reason', () => {
    const reason = (hex: string) => decodeIpp(Buffer.from(hex, 'hex'))
    expect(reason('0300000b0000000103')).toEqual({ reason: expect.stringContaining('version 3.0') })
    expect(reason('0200000b00000001' + '2100016100040000002a' + '03')).toEqual({
      reason: expect.stringContaining('outside of a group'),
    })
    expect(reason('0200000b0000000104' + '21000000040000002a' + '03')).toEqual({
      reason: expect.stringContaining('no attribute'),
    })
    expect(reason('0200000b0000000104')).toEqual({ reason: expect.stringContaining('ends in the middle') })
  })
})

describe('somebody else’s library', () => {
  it('[IPP4] reads our requests', () => {
    const question = peer.parse(Buffer.from(encodeIpp(getPrinter(options))))
    expect(question).toMatchObject({ version: '2.0', operation: 'Get-Printer-Attributes', id: 7 })
    expect(question['operation-attributes-tag']).toMatchObject({
      'attributes-charset': 'utf-8',
      'printer-uri': 'ipp://localhost/ipp/print',
      'requesting-user-name': 'tester',
      'requested-attributes': expect.arrayContaining(['printer-state', 'document-format-supported']),
    })
    const ticket = {
      name: 'job-1',
      format: 'application/pdf',
      copies: 2,
      media: 'iso_a4_210x297mm',
      sides: 'one-sided',
    }
    const job = peer.parse(Buffer.from(encodeIpp(printJob(options, ticket, Buffer.from('%PDF-1.4')))))
    expect(job).toMatchObject({ operation: 'Print-Job' })
    expect(job['operation-attributes-tag']).toMatchObject({
      'job-name': 'job-1',
      'document-format': 'application/pdf',
    })
    expect(job['job-attributes-tag']).toMatchObject({ copies: 2, sides: 'one-sided' })
    expect(String(job.data)).toBe('%PDF-1.4')
    const create = peer.parse(Buffer.from(encodeIpp(createJob(options, { ...ticket, copies: 1 }))))
    expect(create).toMatchObject({ operation: 'Create-Job' })
  })

  it('[IPP4] writes answers that we read', () => {
    const bytes = peer.serialize({
      version: '2.0',
      statusCode: 'successful-ok',
      id: 7,
      'operation-attributes-tag': { 'attributes-charset': 'utf-8', 'attributes-natural-language': 'en' },
      'printer-attributes-tag': {
        'printer-name': 'Büro',
        'printer-make-and-model': 'Lab Page 1',
        'printer-state': 'stopped',
        'printer-state-reasons': ['media-empty-error', 'toner-low-warning'],
        'printer-is-accepting-jobs': true,
        'document-format-supported': ['application/pdf', 'image/pwg-raster'],
        'copies-supported': [[1, 99]],
        'color-supported': false,
      },
    })
    const message = decoded(bytes)
    expect(textsOf(valuesOf(message, groupTags.printer, 'printer-name'))).toEqual(['Büro'])
    expect(readPrinter(message)).toMatchObject({
      model: 'Lab Page 1',
      formats: ['application/pdf', 'image/pwg-raster'],
      copiesMax: 99,
      color: false,
      accepting: true,
      faults: [{ code: 'paper_out', blocking: true }],
    })
    const job = peer.serialize({
      version: '2.0',
      statusCode: 'successful-ok',
      id: 7,
      'operation-attributes-tag': { 'attributes-charset': 'utf-8', 'attributes-natural-language': 'en' },
      'job-attributes-tag': { 'job-id': 12, 'job-state': 'processing', 'job-state-reasons': 'job-printing' },
    })
    expect(readJobs(decoded(job))).toEqual([{ id: 12, state: 5, name: undefined, reasons: ['job-printing'] }])
  })
})

describe('what printers say', () => {
  const printer = (state: number, ...reasons: string[]) =>
    readPrinter({
      version: [2, 0],
      code: 0,
      requestId: 1,
      groups: [
        {
          tag: groupTags.printer,
          attributes: [
            { name: 'printer-state', values: [{ tag: valueTags.enum, value: state }] },
            {
              name: 'printer-state-reasons',
              values: reasons.map((value) => ({ tag: valueTags.keyword, value })),
            },
          ],
        },
      ],
      data: new Uint8Array(0),
    })?.faults.map(({ code, blocking }) => `${code} ${blocking}`)

  it.each<[string, string[]]>([
    ['media-empty-error', ['paper_out true']],
    ['media-needed', ['paper_out true']],
    ['media-empty-warning', ['paper_out false']],
    ['media-low-warning', ['paper_low false']],
    ['media-jam-error', ['media_jam true']],
    ['cover-open-error', ['cover_open true']],
    ['door-open-report', ['cover_open false']],
    ['toner-empty-error', ['ribbon_out true']],
    ['paused', ['paused true']],
    ['fuser-over-temp-error', ['overheated true']],
    ['something-new-error', []],
    ['none', []],
  ])('[IPP5] %s of a printer that runs is %j', (reason, faults) => {
    expect(printer(3, reason)).toEqual(faults)
  })

  it('[IPP5] one tray that holds the printer up counts more than another that only warns', () => {
    expect(printer(3, 'media-empty-warning', 'media-needed-error')).toEqual(['paper_out true'])
    expect(printer(3, 'toner-empty-error', 'marker-supply-empty-warning')).toEqual(['ribbon_out true'])
  })

  it('[IPP5] a printer that has stopped has a fault, whatever it calls it', () => {
    expect(printer(5, 'something-new')).toEqual(['printer_error true'])
    expect(printer(5, 'none')).toEqual(['printer_error true'])
    expect(printer(5, 'media-empty-warning')).toEqual(['paper_out true'])
    expect(printer(5, 'cover-open-error', 'door-open-error')).toEqual(['cover_open true'])
  })
})
