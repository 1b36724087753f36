/** The envelope: whatever comes, reading never throws and answers with the id when there is one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HubError } from '../../src/protocol/errors.ts'
import { eventTopics, topicPatternSchema } from '../../src/protocol/event.ts'
import { issuePath, parseBy, parseRequest, readRequest, rpcLimits } from '../../src/protocol/messages.ts'
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
