/** Scans on the selling screen: each one is taken once, in the order in which they came. */
import { useEffect } from 'preact/hooks'
import { useTill } from '../../context.ts'
import { type Selling, takeCode } from './asking.ts'

export function useScans(selling: Selling): void {
  const till = useTill()
  useEffect(() => {
    // One after the other: a label that is looked up slowly is not overtaken.
    let before: Promise<void> = Promise.resolve()
    return till.scanner.onScan((code) => {
      // What is asked at the moment would be answered for the wrong goods: the scan is refused with a tone.
      if (selling.asking.peek() !== null && selling.asking.peek()?.what !== 'unknown') {
        till.sounds.play('attention')
        return
      }
      before = before.then(() => takeCode(code, selling, till))
    })
  }, [selling, till])
}
