/** The template language by the rules of its README. The contract of drivers runs in tests/contracts, by its line in twins.ts. */
import { describe, expect, it } from 'vitest'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { TestClock } from '../../../tests/support/clock.ts'
import { AnswerReader, answerBytesMax, encodeCommand } from './codec.ts'
import { templateLanguage } from './driver.ts'

describe('template-language', () => {
  it('[TPL1] asks for the name, and takes nothing else for one', async () => {
    const clock = new TestClock()
    const [transport, wire] = memoryPair()
    const asked: string[] = []
    wire.onBytes((bytes) => {
      asked.push(String.fromCharCode(...bytes))
      wire.write(encodeCommand('OK'))
    })
    expect(await templateLanguage.probe?.(transport, { clock, answerMsMax: 1_000 })).toBeUndefined()
    expect(asked).toEqual(['I\r'])
  })

  it('[TPL2] an answer may be as long as the limit and not one byte longer', () => {
    const reader = new AnswerReader()
    const line = (length: number) => Uint8Array.from([...new Uint8Array(length).fill(0x41), 0x0d])
    expect(reader.push(line(answerBytesMax))).toEqual(['A'.repeat(answerBytesMax)])
    expect(reader.push(line(answerBytesMax + 1))).toEqual([])
    expect(reader.push(line(1))).toEqual(['A'])
  })
})
