/** The conversation with a printer whose answers are made by hand. */
import { expect, it } from 'vitest'
import { StarLink } from '../../../src/drivers/printers/star/link.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { settle, TestClock } from '../../support/clock.ts'

const overflow = 0x40
const status = (errors = 0, count = 0) =>
  Uint8Array.of(0x23, 0x06, 0, 0, errors, 0, 0, ((count & 0x18) << 2) | ((count & 7) << 1), 0)
const echo = (id: number, counter: number) => Uint8Array.of(0x1b, 0x1d, 3, 1, id & 0xff, id >> 8, counter, 0)

function linked() {
  const clock = new TestClock()
  const [transport, printer] = memoryPair('printer', { clock })
  const link = new StarLink(transport, clock)
  link.start()
  const says = async (bytes: Uint8Array) => {
    printer.write(bytes)
    await settle()
  }
  return { link, says }
}

it('[STAR44] a buffer that ran over in the midst of a job: the link is given up, and no end is believed', async () => {
  for (const way of ['mark', 'count', 'body'] as const) {
    const { link, says } = linked()
    await says(status())
    if (way === 'body') link.inBody = true
    const pending = way === 'count' ? link.expectCount(1) : link.expectMark(7)
    await says(status(overflow))
    expect([way, link.lost?.by]).toEqual([way, 'ours'])
    await says(echo(7, 1))
    await says(status(0, 1))
    expect(pending.answer).toBeUndefined()
  }
})

it('[STAR44] nor is an end that is told in the same breath', async () => {
  const { link, says } = linked()
  await says(status())
  const pending = link.expectMark(7)
  await says(Uint8Array.from([...status(overflow), ...echo(7, 1)]))
  expect([link.lost?.by, pending.answer]).toEqual(['ours', undefined])
})

it('[STAR44] one that ran over before, or while nobody prints, is no matter', async () => {
  const idle = linked()
  await idle.says(status())
  await idle.says(status(overflow))
  expect(idle.link.lost).toBeUndefined()
  // A model that never takes it back goes on printing.
  const pending = idle.link.expectMark(7)
  await idle.says(status(overflow))
  await idle.says(echo(7, 1))
  expect([idle.link.lost, pending.answer]).toEqual([undefined, true])
})

it('[STAR40] what stood before an end that is told will not come any more', async () => {
  const { link, says } = linked()
  const [first, second, third] = [1, 2, 3].map((id) => link.expectMark(id))
  await says(echo(2, 1))
  expect([first, second, third]).toEqual([
    { answer: undefined, dropped: true },
    { answer: true, dropped: false },
    { answer: undefined, dropped: false },
  ])
  expect(link.marksOwed).toBe(true)
  await says(echo(3, 2))
  expect(link.marksOwed).toBe(false)
})
