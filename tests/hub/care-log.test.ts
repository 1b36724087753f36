/** The log book: what is kept, how it is read, and how much is logged. Rules of docs/care.md. */
import { describe, expect, it } from 'vitest'
import { LogBook, logBookLimits } from '../../src/hub/care/log-book.ts'
import { createLog } from '../../src/hub/log.ts'
import { parseBy } from '../../src/protocol/messages.ts'
import { logNumbers } from '../../src/protocol/methods/box.ts'
import { methods, type Params } from '../../src/protocol/methods.ts'
import { TestClock } from '../support/clock.ts'

function bench(level = 'info') {
  const book = new LogBook()
  const clock = new TestClock()
  const out: string[] = []
  const log = createLog(level, book, { write: (line) => void out.push(line) })
  const read = (params: Params<'log.read'> = {}) =>
    book.read(parseBy(methods['log.read'].params, params) as never, clock)
  return { book, clock, log, out, read }
}

describe('what is kept', () => {
  it('[C1] is what went to standard error, with secrets struck out', async () => {
    const { log, out, read } = bench()
    const secrets = { token: 'tok-1', password: 'pw-1', passphrase: 'ph-1', inner: { code: '123456' } }
    log.info({ ...secrets, device: 'printer-1', port: 'tcp://a' }, 'connected')
    const { lines } = await read()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      seq: 1,
      level: 'info',
      message: 'connected',
      device: 'printer-1',
      fields: { port: 'tcp://a', token: '[secret]', inner: { code: '[secret]' } },
    })
    for (const secret of ['tok-1', 'pw-1', 'ph-1', '123456']) {
      expect(JSON.stringify(lines)).not.toContain(secret)
      expect(out.join()).not.toContain(secret)
    }
  })

  it('[C1] is the newest lines up to the limit', async () => {
    const { log, book, read } = bench()
    for (let number = 1; number <= logNumbers.linesMax; number++) log.info(`line ${number}`)
    expect(book.tail()[0]?.message).toBe('line 1')
    log.info('one more')
    expect(book.tail()[0]?.message).toBe('line 2')
    expect(book.tail()).toHaveLength(logNumbers.linesMax)
    expect((await read({ after: 0 })).lost).toBe(1)
  })

  it('[C1] has a limit in characters, and of a long line the message is kept', async () => {
    const { log, book, read } = bench()
    log.info({ long: 'x'.repeat(logBookLimits.lineCharsMax) }, 'too long')
    const [line] = (await read()).lines
    expect(line).toMatchObject({ message: 'too long', fields: { charsLeftOut: expect.any(Number) } })
    expect(JSON.stringify(line)).not.toContain('xxx')
    const fits = 'y'.repeat(logBookLimits.lineCharsMax - 200)
    for (let number = 0; number < 300; number++) log.info({ fits }, 'long')
    const kept = JSON.stringify(book.tail()).length
    expect(kept).toBeLessThan(logBookLimits.charsMax * 1.1)
    expect(kept).toBeGreaterThan(logBookLimits.charsMax * 0.9)
    expect(book.tail(1)[0]?.fields.fits).toBe(fits)
  })
})

describe('reading', () => {
  it('[C2] filters by level, device and text', async () => {
    const { log, read } = bench('debug')
    log.debug({ device: 'scale-1' }, 'a fine thing')
    log.warn({ device: 'scale-1', reason: 'Grüße' }, 'a Warning')
    log.error('no device')
    const messages = async (params: Params<'log.read'>) =>
      (await read(params)).lines.map(({ message }) => message)
    expect(await messages({})).toEqual(['a fine thing', 'a Warning', 'no device'])
    expect(await messages({ level: 'warn' })).toEqual(['a Warning', 'no device'])
    expect(await messages({ device: 'scale-1' })).toEqual(['a fine thing', 'a Warning'])
    expect(await messages({ text: 'WARN' })).toEqual(['a Warning'])
    expect(await messages({ text: 'grüsse' })).toEqual([])
    expect(await messages({ text: 'GRÜSSE' })).toEqual([])
    expect(await messages({ text: 'GRÜß' })).toEqual(['a Warning'])
  })

  it('[C2] goes on where the last answer ended, page by page', async () => {
    const { log, read } = bench()
    const total = logNumbers.pageMax + 10
    for (let number = 1; number <= total; number++) log.info(`line ${number}`)
    const newest = await read()
    expect(newest.lines).toHaveLength(logNumbers.pageMax)
    expect(newest.lines.at(-1)?.message).toBe(`line ${total}`)
    const first = await read({ after: 0 })
    expect([first.lines[0]?.seq, first.next, first.lost]).toEqual([1, logNumbers.pageMax, 0])
    const second = await read({ after: first.next })
    expect([second.lines.length, second.next]).toEqual([10, total])
    expect((await read({ after: second.next })).lines).toEqual([])
    // A number of a hub that has started anew since.
    expect((await read({ after: 9_999 })).lines[0]?.seq).toBe(1)
  })

  it('[C2] waits for a line that fits, and no longer than it was told', async () => {
    const { clock, log, read } = bench()
    log.info('before')
    let answer: string[] | undefined
    const waiting = read({ after: 1, ms: 5_000, level: 'warn' }).then(({ lines }) => {
      answer = lines.map(({ message }) => message)
    })
    log.info('does not fit')
    await clock.advance(4_000)
    expect(answer).toBeUndefined()
    log.warn('fits')
    await waiting
    expect(answer).toEqual(['fits'])
    const late = read({ after: 3, ms: 5_000 })
    await clock.advance(5_000)
    expect(await late).toMatchObject({ lines: [], next: 3 })
    expect(clock.pending).toBe(0)
  })
})

describe('levels', () => {
  it('[C3] change for the hub and for single devices, also of what exists already', async () => {
    const { book, log, read } = bench('info')
    const printer = log.child({ device: 'printer-1' })
    const scale = log.child({ device: 'scale-1' })
    const said = () => {
      for (const [name, logger] of Object.entries({ hub: log, printer, scale })) logger.debug(`${name} debug`)
      log.debug({ device: 'printer-1' }, 'hub about printer')
      printer.info('printer info')
    }
    said()
    book.change({ device: 'printer-1', level: 'debug' }, 'info')
    said()
    book.change({ device: 'printer-1', level: 'error' }, 'info')
    said()
    book.change({ device: 'printer-1', level: null }, 'info')
    book.change({ level: 'debug' }, 'info')
    said()
    book.change({ level: null }, 'info')
    said()
    expect((await read()).lines.map(({ message }) => message)).toEqual([
      'printer info',
      ...['printer debug', 'hub about printer', 'printer info'],
      ...['hub debug', 'printer debug', 'scale debug', 'hub about printer', 'printer info'],
      'printer info',
    ])
    expect(await read()).toMatchObject({ level: 'info', devices: {} })
  })

  it('[C3] below them nothing is made into a line', () => {
    const { log, book } = bench('info')
    let made = 0
    const costly = { toJSON: () => ++made }
    log.debug({ costly }, 'nobody wants it')
    book.change({ device: 'printer-1', level: 'trace' }, 'info')
    log.debug({ costly, device: 'scale-1' }, 'nobody wants it')
    expect(made).toBe(0)
    log.debug({ costly, device: 'printer-1' }, 'wanted')
    expect(made).toBe(1)
    book.setLevel('silent')
    log.error({ costly }, 'silent')
    expect(made).toBe(1)
  })
})
