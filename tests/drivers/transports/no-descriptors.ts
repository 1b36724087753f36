/** A process that has no descriptor left when it opens a GPIO port, and when it pulses: it says how both ended. */
import { closeSync, openSync } from 'node:fs'
import { openGpio } from '../../../src/drivers/transports/gpio.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'

const clock = {
  after(ms: number, callback: () => void) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
const open = () => openGpio(parsePortUrl('gpio:pinctrl-rp1/17'), clock)
const tell = (line: string) => process.stdout.write(`${line}\n`)

function takeAll(): number[] {
  const held: number[] = []
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch {
    return held
  }
}

tell('begun')
const transport = await open()
const first = takeAll()
await open().then(
  () => tell('opened'),
  (error: { code: string }) => tell(error.code === 'port_unavailable' ? 'refused' : error.code),
)
transport.onBytes((bytes) => tell(new TextDecoder().decode(bytes).split(' ')[0] ?? ''))
await transport.write(new TextEncoder().encode('pulse 50\n'))
for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
for (const fd of first) closeSync(fd)
await transport.close()
tell('ended')
