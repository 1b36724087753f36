/** Who the printer is (GS I) and how often it has cut (GS g 2): questions that are answered in their turn with the data. */
import type { DriverClock } from '../../driver.ts'
import type { PrinterLink } from './link.ts'
import { askCounter, askIdentityFact } from './questions.ts'

export const identityLimits = {
  /** Longest wait for one answer; asked only while the printer is idle and online. */
  answerMsMax: 1_000,
} as const

export interface Identity {
  maker?: string
  model?: string
  serial?: string
  firmware?: string
  /** Language of a two-byte font, where there is one. */
  fontLanguage?: string
}

/** GS I n of each fact (Epson reference, GS I, information B). */
const facts: readonly (readonly [keyof Identity, number])[] = [
  ['model', 67],
  ['maker', 66],
  ['firmware', 65],
  ['serial', 68],
  ['fontLanguage', 69],
]

/**
 * Asks for one fact after the other and stops at the first that is not answered. GS I 1 goes ahead, so that a printer that
 * does not know GS I at all is asked once; a letter that it takes out of the question is dropped by the ESC @ at the head of
 * the next document.
 */
export async function askIdentity(link: PrinterLink, clock: DriverClock): Promise<Identity> {
  const identity: Identity = {}
  const type = link.expectByte()
  link.post(askIdentityFact(1))
  const until = () => clock.monotonic() + identityLimits.answerMsMax
  if ((await link.answerOf(type, until())) === undefined) {
    link.forgetInTurn()
    return identity
  }
  for (const [name, n] of facts) {
    const pending = link.expectInfo()
    link.post(askIdentityFact(n))
    const text = await link.answerOf(pending, until())
    if (text === undefined) break
    if (text.trim() !== '') identity[name] = text.trim()
  }
  return identity
}

/**
 * The cut counter: 178 counts for the printer's whole life, 50 can be set back (Epson TM-T88III programming guide p. 476,
 * Citizen CT-S2000 command reference p. 97). undefined: not answered.
 */
export async function askCuts(
  link: PrinterLink,
  clock: DriverClock,
  counterNumber: number,
): Promise<number | undefined> {
  const pending = link.expectInfo()
  link.post(askCounter(counterNumber))
  const text = await link.answerOf(pending, clock.monotonic() + identityLimits.answerMsMax)
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}
