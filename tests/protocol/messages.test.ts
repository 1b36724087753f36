/** The envelope: whatever comes, reading never throws and answers with the id when there is one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HubError } from '../../src/protocol/errors.ts'
import { eventTopics, topicPatternSchema } from '../../src/protocol/event.ts'
import {
  issuePath,
  parseBy,
  parseRequest,
  readRequest,
  rpcLimits,
  wirePath,
} from '../../src/protocol/messages.ts'
import { topicMatches } from '../../src/protocol/topics.ts'

const outcome = (text: string): unknown => {
  const parsed = parseRequest(text)
  if ('error' in parsed) return [parsed.id, parsed.error.code]
  return 'request' in parsed ? parsed.request : parsed.notification
}

describe('parseRequest', () => {
  it('never throws and gives exactly one of request, notification, error', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.object().map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(text, (value) => {
        const parsed = parseRequest(value)
        expect(['request', 'notification', 'error'].filter((key) => key in parsed)).toHaveLength(1)
        if ('error' in parsed) expect(parsed.error).toBeInstanceOf(HubError)
      }),
      { numRuns: 2_000 },
    )
  })

  it('[P2] reads every proper request as it is', () => {
    const id = fc.oneof(
      fc.string({ maxLength: rpcLimits.idCharsMax }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    )
    fc.assert(
      fc.property(
        id,
        fc.string({ maxLength: rpcLimits.methodCharsMax }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (id, method, params) => {
          const value = JSON.parse(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
          expect(readRequest(value)).toEqual({ request: value })
        },
      ),
    )
  })

  it('[P5] [P6] [P7] tells what is wrong, with the id when it is usable', () => {
    expect(outcome('{')).toEqual([null, 'bad_json'])
    expect(outcome('')).toEqual([null, 'bad_json'])
    for (const text of ['[]', '[{"jsonrpc":"2.0","id":1,"method":"m"}]', 'null', '1', '"x"'])
      expect(outcome(text)).toEqual([null, 'bad_request'])
    expect(outcome('{"jsonrpc":"1.0","id":1,"method":"m"}')).toEqual([1, 'bad_request'])
    expect(outcome('{"jsonrpc":"2.0","id":"a","method":5}')).toEqual(['a', 'bad_request'])
    expect(outcome('{"jsonrpc":"2.0","id":"a","method":"m","params":[1]}')).toEqual(['a', 'bad_request'])
    expect(outcome('{"jsonrpc":"2.0","id":"a","method":"m","params":null}')).toEqual(['a', 'bad_request'])
    expect(outcome('{"jsonrpc":"2.0","id":null,"method":"m"}')).toEqual([null, 'bad_request'])
    expect(outcome('{"jsonrpc":"2.0","method":"m"}')).toEqual({ jsonrpc: '2.0', method: 'm' })
    expect(outcome('{"jsonrpc":"2.0","id":0,"method":"m"}')).toEqual({
      jsonrpc: '2.0',
      id: 0,
      method: 'm',
      params: {},
    })
  })

  it('[P2] limits ids and method names at their edge', () => {
    const text = (id: string, method: string) => JSON.stringify({ jsonrpc: '2.0', id, method })
    const [id, method] = ['i'.repeat(rpcLimits.idCharsMax), 'm'.repeat(rpcLimits.methodCharsMax)]
    expect(outcome(text(id, method))).toMatchObject({ id, method })
    expect(outcome(text(`${id}i`, method))).toEqual([null, 'bad_request'])
    expect(outcome(text(id, `${method}m`))).toEqual([id, 'bad_request'])
  })
})

describe('parseBy', () => {
  const schema = z.strictObject({
    payload: z.strictObject({ blocks: z.array(z.strictObject({ data: z.string() })) }),
  })

  it('[P8] names the path of the first field at fault', () => {
    const fault = (value: unknown): unknown => {
      try {
        return parseBy(schema, value)
      } catch (error) {
        return (error as HubError).context.path
      }
    }
    expect(fault({ payload: { blocks: [{ data: 'x' }, { data: 5 }] } })).toBe('payload.blocks[1].data')
    expect(fault({ payload: { blocks: [{ data: 'x', more: 1 }] } })).toBe('payload.blocks[0].more')
    expect(fault({})).toBe('payload')
    expect(fault(5)).toBe('params')
    expect(issuePath([])).toBe('params')
    expect(fault({ payload: { blocks: [] } })).toEqual({ payload: { blocks: [] } })
  })
})

describe('reasons', () => {
  const schema = z.strictObject({
    text: z.string().min(2).max(3),
    filled: z.string().min(1),
    whole: z.int().min(1).max(5),
    choice: z.enum(['a', 'b']),
    only: z.literal('q'),
    at: z.iso.datetime(),
    day: z.iso.date(),
    list: z.array(z.string()).max(1),
    flag: z.boolean(),
    either: z.union([z.string(), z.number()]),
    own: z.string().regex(/^x$/, 'is not x'),
  })
  const good = {
    text: 'ab',
    filled: 'a',
    whole: 1,
    choice: 'a',
    only: 'q',
    at: '2026-01-01T00:00:00Z',
    day: '2026-01-01',
    list: [],
    flag: true,
    either: 1,
    own: 'x',
  }

  it.each([
    ['text', undefined, 'is missing'],
    ['text', 5, 'is a number; send it as text, such as "1.50"'],
    ['text', null, 'is null; it must be text'],
    ['text', 'a', 'has fewer than 2 characters'],
    ['text', 'abcd', 'has more than 3 characters'],
    ['filled', '', 'is empty'],
    ['whole', '1', 'is text; send it as a number'],
    ['whole', 1.5, 'is not a whole number'],
    ['whole', 9, 'is more than 5'],
    ['whole', 0, 'is less than 1'],
    ['choice', 'c', 'must be one of a, b'],
    ['only', 'r', 'must be q'],
    ['at', 'now', 'is not a time such as 2026-11-24T09:30:00Z'],
    ['day', 'now', 'is not a date such as 2026-11-24'],
    ['list', ['a', 'b'], 'has more than 1 entries'],
    ['list', {}, 'is an object; it must be a list'],
    ['flag', 'yes', 'is text; it must be true or false'],
    ['either', true, 'fits none of the forms it may have'],
    ['own', 'y', 'is not x'],
    ['other', 1, 'is not a known field'],
  ])('[P8] %s as %j: %s', (field, value, reason) => {
    let told: unknown
    try {
      parseBy(schema, { ...good, [field]: value })
    } catch (error) {
      told = (error as HubError).context
    }
    expect(told).toEqual({ path: field, reason })
  })

  it('[P8] paths are written alike, wherever they come from', () => {
    expect(wirePath('lines.12.quantity')).toBe('lines[12].quantity')
    expect(wirePath('a.1.b.2')).toBe('a[1].b[2]')
    expect(wirePath('order.id')).toBe('order.id')
    expect(wirePath('lines.l1')).toBe('lines.l1')
  })
})

describe('topics', () => {
  it('[P20] match in full, by family, or all', () => {
    const matching = (pattern: string) => eventTopics.filter((topic) => topicMatches(pattern, topic))
    expect(matching('*')).toEqual(eventTopics)
    expect(matching('device.*')).toEqual(['device.added', 'device.changed', 'device.removed'])
    expect(matching('scan')).toEqual(['scan'])
    expect(matching('device')).toEqual([])
    expect(matching('scan.*')).toEqual([])
    expect(topicMatches('device.*', 'devices.added')).toBe(false)
    expect(topicMatches('device.added.*', 'device.added')).toBe(false)
  })

  it('[P20] have patterns of one form', () => {
    for (const good of ['*', 'scan', 'device.*', 'job.changed', 'till.order.*'])
      expect([good, topicPatternSchema.safeParse(good).success]).toEqual([good, true])
    for (const bad of ['', '**', '*.scan', 'device.', '.device', 'device*', 'Device', 'a b', 'device.*.x'])
      expect([bad, topicPatternSchema.safeParse(bad).success]).toEqual([bad, false])
  })
})
