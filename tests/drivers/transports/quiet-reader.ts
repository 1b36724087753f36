/** A process in which nothing happens but one serial port: says `open`, then what comes in first, then ends. */

import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { openSerial } from '../../../src/drivers/transports/serial.ts'

const lateMs = 3_000

const clock = {
  after(ms: number, callback: () => void) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
const transport = await openSerial(parsePortUrl(`serial:${process.argv[2]}`), clock)
const tell = (line: string) => process.stdout.write(`${line}\n`, () => process.exit())
setTimeout(() => tell('late'), lateMs)
transport.onBytes((bytes) => tell(`bytes ${bytes.length}`))
process.stdout.write('open\n')
