/** Displays in a browser: what goes to the page, and what is believed of it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeShown, encodeDocument } from '../../../src/drivers/displays/browser-display/codec.ts'
import { browserDisplay } from '../../../src/drivers/displays/browser-display/driver.ts'
import { browserDisplayLimits } from '../../../src/drivers/displays/browser-display/settings.ts'
import { createBrowserDisplayTwin } from '../../../src/drivers/displays/browser-display/twin.ts'
import { unitLimits } from '../../../src/hub/devices/device-unit.ts'
import { type DisplayShowPayload, displayShowPayloadSchema } from '../../../src/protocol/job.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { confirmed, openBench } from '../displays/bench.ts'

const bench = (settings: Record<string, unknown> = {}, chunk?: number) =>
  openBench(browserDisplay, (clock) => createBrowserDisplayTwin({ clock }), settings, chunk)

async function opened(settings: Record<string, unknown> = {}, chunk?: number) {
  const open = bench(settings, chunk)
  await settled(open.clock, open.device.start())
  const show = async (document: DisplayShowPayload = { message: 'x' }) =>
    confirmed(await settled(open.clock, open.displaying.show(document, newAttempt())))
  return { ...open, show }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const sentTo = (writes: readonly Uint8Array[]) =>
  Buffer.concat(writes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { revision: number; document: DisplayShowPayload | null })

const cart: DisplayShowPayload = {
  items: [{ text: 'Café "Žižkov" 日本\n', quantity: '2', amount: '5.00 €' }],
  total: { label: 'Total', amount: '5.00 €' },
  qr: { data: 'https://example.com/pay' },
}

it('[BRD6] a display waits for its greeting no longer than the hub waits for a device that greets', async () => {
  const longest = 8_000
  expect(browserDisplay.settings.safeParse({ showMsMax: longest + 1 }).success).toBe(false)
  const { device, twin, clock, faults } = bench({ showMsMax: longest })
  twin.order({ order: 'silent', on: true })
  await settled(clock, device.start(), unitLimits.startMsMax - 100)
  expect(faults.at(-1)).toMatchObject([{ code: 'display_error', blocking: true }])
})

describe('the wire', () => {
  it('[BRD1] one line of JSON a document, null for nothing, and the page has all of it', async () => {
    const { writes, show, displaying, clock, twin } = await opened({}, 7)
    expect(sentTo(writes)).toEqual([{ revision: expect.any(Number), document: null }])
    await show(cart)
    expect(twin.document).toEqual(cart)
    expect(confirmed(await settled(clock, displaying.clear(newAttempt())))).toBe(true)
    expect(sentTo(writes).map(({ document }) => document)).toEqual([null, cart, null])
    expect(twin.document).toBeNull()
  })

  it('[BRD1] whatever the document, it is one line and reads back as it was', () => {
    const text = (maxLength: number) => fc.string({ unit: 'binary', minLength: 1, maxLength })
    const document = fc.record({
      message: text(400),
      items: fc.array(fc.record({ text: text(200), amount: text(30) }), { maxLength: 5 }),
    })
    fc.assert(
      fc.property(document, fc.nat(), (value, revision) => {
        const payload = displayShowPayloadSchema.parse(value)
        const line = new TextDecoder().decode(encodeDocument(revision, payload))
        expect(line.indexOf('\n')).toBe(line.length - 1)
        // Half a surrogate pair has no UTF-8 and is written as U+FFFD or an escape.
        const well = (part: unknown) =>
          JSON.parse(JSON.stringify(part).replace(/\\ud[89a-f][0-9a-f]{2}/gi, '?'))
        expect(well(JSON.parse(line))).toEqual(well({ revision, document: payload }))
      }),
    )
  })

  it('[BRD2] whatever comes from a page, it is a revision or nothing', () => {
    expect(decodeShown(bytes('{"shown":12}'))).toBe(12)
    expect(decodeShown(bytes('{"shown":12,"page":"a"}'))).toBe(12)
    for (const line of ['', 'shown', '{"shown":-1}', '{"shown":1.5}', '{"shown":"1"}', '[1]', 'null', '12'])
      expect(decodeShown(bytes(line))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (line) => {
        const shown = decodeShown(line)
        expect(shown === undefined || Number.isSafeInteger(shown)).toBe(true)
      }),
    )
  })

  it('[BRD3] a document of 256 KiB goes out in writes of at most 64 KiB; a longer one is refused before it is sent', async () => {
    const { writes, show, clock, displaying } = await opened()
    const empty = encodeDocument(clock.now() + 1, { items: [{ text: '' }] }).length
    const text = 'x'.repeat(browserDisplayLimits.documentBytesMax - empty)
    expect(await show({ items: [{ text }] })).not.toBe('payload_unsupported')
    expect(Math.max(...writes.map((write) => write.length))).toBe(64 * 1024)
    expect(Buffer.concat(writes.slice(1)).length).toBe(256 * 1024)
    const sent = writes.length
    const attempt = newAttempt()
    const refused = displaying.show({ items: [{ text: `${text}x` }] }, attempt)
    expect(confirmed(await settled(clock, refused))).toBe('payload_unsupported')
    expect([writes.length, attempt.sent]).toEqual([sent, 0])
  })

  it('[BRD3] a line from the page longer than 256 bytes is dropped, the next one is read', async () => {
    const { twin, clock, displaying, writes } = await opened()
    twin.order({ order: 'silent', on: true })
    const showing = displaying.show({ message: 'x' }, newAttempt())
    await clock.advance(0)
    const revision = sentTo(writes).at(-1)?.revision
    twin.order({ order: 'silent', on: false })
    const padded = `{"shown":${revision}`
    twin.say(`${padded}${' '.repeat(257 - padded.length - 1)}}\n`)
    let over = false
    void showing.finally(() => {
      over = true
    })
    await clock.advance(1_000)
    expect(over).toBe(false)
    twin.say(`${padded}${' '.repeat(256 - padded.length - 1)}}\n`)
    expect(confirmed(await settled(clock, showing))).toBe(true)
    expect(clock.monotonic()).toBe(1_000)
  })
})

describe('what is believed', () => {
  it('[BRD4] a job is confirmed when a page painted its revision, and a stale or made-up one confirms nothing', async () => {
    const { twin, clock, displaying, writes } = await opened()
    twin.order({ order: 'silent', on: true })
    const showing = displaying.show({ message: 'x' }, newAttempt())
    await clock.advance(0)
    const [before, now] = sentTo(writes).map(({ revision }) => revision)
    twin.order({ order: 'silent', on: false })
    twin.say(`{"shown":${before}}\n{"shown":${(now as number) + 1}}\n{"shown":99999999999999}\n`)
    let over = false
    void showing.finally(() => {
      over = true
    })
    await clock.advance(500)
    expect(over).toBe(false)
    twin.say(`{"shown":${now}}\n`)
    expect(confirmed(await settled(clock, showing))).toBe(true)
    expect(clock.monotonic()).toBe(500)
  })

  it('[BRD5] without a page that paints it within showMsMax the job is unknown, and a fault says that nobody sees the display', async () => {
    const { twin, clock, displaying, faults } = await opened({ showMsMax: 700 })
    twin.order({ order: 'silent', on: true })
    const result = await settled(clock, displaying.show({ message: 'x' }, newAttempt()))
    expect(result).toMatchObject({
      state: 'unknown',
      error: { code: 'answer_timeout', context: { ms: 700 } },
    })
    expect(clock.monotonic()).toBe(700)
    expect(faults.at(-1)).toMatchObject([{ code: 'display_error', blocking: true }])
  })

  it('[BRD6] a page that comes later and paints what is due mends the fault', async () => {
    const open = bench()
    open.twin.order({ order: 'silent', on: true })
    await settled(open.clock, open.device.start())
    expect(open.faults).toMatchObject([[{ code: 'display_error' }]])
    open.twin.order({ order: 'silent', on: false })
    open.twin.say('{"shown":1}\n')
    await open.clock.advance(10)
    expect(open.faults).toHaveLength(1)
    open.twin.say(`{"shown":${sentTo(open.writes)[0]?.revision}}\n`)
    await open.clock.advance(10)
    expect(open.faults.at(-1)).toEqual([])
  })

  it('[BRD6] with startWithoutPage off a display without a page is absent', async () => {
    const open = bench({ startWithoutPage: false })
    open.twin.order({ order: 'silent', on: true })
    expect(await codeOf(settled(open.clock, open.device.start()))).toBe('answer_timeout')
  })

  it('[BRD7] revisions rise from one opening to the next, so that a page from before confirms nothing', async () => {
    const first = await opened()
    await first.show()
    const last = sentTo(first.writes).at(-1)?.revision as number
    const second = bench()
    await second.clock.advance(1_000)
    await settled(second.clock, second.device.start())
    expect(sentTo(second.writes)[0]?.revision).toBeGreaterThan(last)
    expect(last).toBeGreaterThan(Date.UTC(2026, 0, 1))
  })

  it('[BRD8] a lost page service is failed before bytes left and unknown after, and nothing is sent after a stop', async () => {
    const early = await opened()
    early.wire.pause(true)
    const showing = early.displaying.show({ message: 'x' }, newAttempt())
    early.wire.close()
    expect(await settled(early.clock, showing)).toMatchObject({
      state: 'failed',
      error: { code: 'port_closed' },
    })
    const late = await opened()
    late.twin.order({ order: 'fault', fault: 'drop' })
    expect(await late.show()).toBe('job_outcome_unknown')
    const stopped = await opened()
    await stopped.device.stop()
    const sent = stopped.writes.length
    expect(await stopped.show()).toBe('port_closed')
    expect(stopped.writes.length).toBe(sent)
  })

  it('[BRD9] the simulated page paints items, total and message, and refuses the orders of other devices', async () => {
    const { twin, show } = await opened()
    await show({ ...cart, message: '<thanks>' })
    const { svg } = twin.paper()
    for (const text of ['2 × Café &quot;Žižkov&quot;', 'Total 5.00 €', '&lt;thanks&gt;'])
      expect(svg).toContain(text)
    expect(() => twin.order({ order: 'load', grams: 1 })).toThrow(/params_invalid/)
  })
})
