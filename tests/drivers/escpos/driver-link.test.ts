/** The conversation, with the other side of the wire in the test's own hand. */
import { describe, expect, it } from 'vitest'
import { PrinterLink } from '../../../src/drivers/printers/escpos/link.ts'
import { faultsOf } from '../../../src/drivers/printers/escpos/status.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { settle, TestClock } from '../../support/clock.ts'

function linked() {
  const clock = new TestClock()
  const [transport, end] = memoryPair('link', { clock })
  const asked: number[] = []
  end.onBytes((bytes) => asked.push(bytes[2]!))
  const link = new PrinterLink(transport, clock)
  link.start()
  const answer = async (...bytes: number[]) => {
    end.write(Uint8Array.from(bytes))
    await settle()
  }
  return { clock, end, asked, link, answer }
}

describe('questions in real time', () => {
  it('[ESC48] one at a time: the next is sent when the one before is answered', async () => {
    const { clock, asked, link, answer } = linked()
    const first = link.askRealTime(1, 10_000)
    const second = link.askRealTime(4, 10_000)
    await clock.advance(5_000)
    expect(asked).toEqual([1])
    await answer(0x16)
    expect(await first).toBe(0x16)
    expect(asked).toEqual([1, 4])
    await answer(0x72)
    expect(await second).toBe(0x72)
  })

  it('[ESC54] whether it answers now: a late answer to an earlier question is neither that nor a status', async () => {
    const { clock, asked, link, answer } = linked()
    const first = link.askRealTime(2, 1_000)
    await clock.advance(3_000)
    expect(await first).toBeUndefined()
    const until = clock.monotonic() + 3_000
    let answers: boolean | undefined
    void link.look(until, { afresh: true }).then((result) => {
      answers = result
    })
    await clock.advance(1_000)
    // The drawer's bit of question 1 is the cover's bit of question 2.
    await answer(0x16)
    expect([asked, answers]).toEqual([[2, 1, 1], undefined])
    await answer(0x16)
    expect([asked, answers]).toEqual([[2, 1, 1], true])
    expect(faultsOf(link.status)).toEqual([])
  })

  it('[ESC54] whether it answers now: a question that never is answered does not stand in the way', async () => {
    const { clock, asked, link, answer } = linked()
    void link.askRealTime(1, 1_000)
    await clock.advance(1_000)
    const answers = link.look(clock.monotonic() + 3_000, { afresh: true })
    await clock.advance(600)
    await answer(0x12)
    await answer(0x12)
    expect([asked, await answers]).toEqual([[1, 1, 1], true])
  })

  it('[ESC54] whether it answers now: what was asked before and is answered at once keeps its place', async () => {
    const { clock, asked, link, answer } = linked()
    const first = link.askRealTime(4, 10_000)
    const answers = link.look(clock.monotonic() + 3_000, { afresh: true })
    await clock.advance(100)
    await answer(0x72)
    expect([await first, asked]).toEqual([0x72, [4, 1]])
    await answer(0x12)
    expect(await answers).toBe(true)
  })

  it('[ESC48] one that was not answered in time stays open: its late answer is not taken for the next', async () => {
    const { clock, asked, link, answer } = linked()
    const first = link.askRealTime(1, 1_000)
    await clock.advance(1_000)
    expect(await first).toBeUndefined()
    const second = link.askRealTime(2, 3_000)
    await settle()
    expect(asked).toEqual([1])
    await answer(0x16)
    expect(asked).toEqual([1, 2])
    await answer(0x12)
    expect(await second).toBe(0x12)
  })

  it('[ESC55] none in the midst of a job', async () => {
    const { clock, asked, link, answer } = linked()
    link.inBody = true
    const question = link.askRealTime(1, 10_000)
    await clock.advance(5_000)
    expect(asked).toEqual([])
    link.inBody = false
    await settle()
    expect(asked).toEqual([1])
    await answer(0x12)
    expect(await question).toBe(0x12)
  })

  it('[ESC48] answers of a round count together, and not at all when automatic status came in between', async () => {
    const { link, answer } = linked()
    const codes = () => faultsOf(link.status).map(({ code }) => code)
    const stale = link.refresh([2, 3, 4], 10_000, true)
    await settle()
    await answer(0x12)
    await answer(0x18, 0x00, 0x0c, 0x0f)
    expect(codes()).toEqual(['paper_out'])
    for (let i = 0; i < 3; i++) await answer(0x12)
    expect(await stale).toBe(true)
    expect(codes()).toEqual(['paper_out'])

    const fresh = link.refresh([2, 3, 4], 10_000, true)
    await settle()
    for (let i = 0; i < 3; i++) {
      await answer(0x12)
      expect(codes()).toEqual(['paper_out'])
    }
    await answer(0x12)
    expect(await fresh).toBe(true)
    expect(codes()).toEqual([])
  })

  it('[ESC48] the loss of the link answers every question with nothing', async () => {
    const { end, link } = linked()
    const questions = [link.askRealTime(1, 10_000), link.askRealTime(2, 10_000)]
    const inTurn = link.answerOf(link.expectByte(), 10_000)
    end.close()
    await settle()
    expect(await Promise.all([...questions, inTurn])).toEqual([undefined, undefined, undefined])
    expect(link.lost).toMatchObject({ by: 'lost' })
  })
})

describe('questions in turn', () => {
  it('[ESC62] of several open ones none is answered until all are', async () => {
    const { link, answer } = linked()
    const first = link.expectByte()
    const second = link.expectByte()
    await answer(0x00)
    expect([first.answer, second.answer]).toEqual([undefined, undefined])
    await answer(0x03)
    expect([first.answer, second.answer]).toEqual([0x00, 0x03])
  })

  it('[ESC62] what was given up is never answered', async () => {
    const { link, answer } = linked()
    const first = link.expectByte()
    const second = link.expectByte()
    await answer(0x00)
    link.forgetInTurn()
    await answer(0x00)
    expect([first, second]).toEqual([
      { answer: undefined, dropped: true },
      { answer: undefined, dropped: true },
    ])
    const third = link.expectByte()
    await answer(0x01)
    expect(third.answer).toBe(0x01)
  })

  it('[ESC50] a process id answers the job that it was made for, in whatever order', async () => {
    const { link, answer } = linked()
    const id = (text: string) => [0x37, 0x22, ...[...text].map((c) => c.charCodeAt(0)), 0]
    const first = link.expectProcess('AAAA')
    const second = link.expectProcess('BBBB')
    await answer(...id('BBBB'))
    await answer(...id('CCCC'))
    expect([first.answer, second.answer]).toEqual([undefined, true])
    await answer(...id('AAAA'))
    expect(first.answer).toBe(true)
  })
})
