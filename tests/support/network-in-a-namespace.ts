/** Run in a network namespace of its own: says which addresses the hub names, before and after they change. */
import { execFileSync } from 'node:child_process'
import pino from 'pino'
import { systemClock } from '../../src/hub/clock.ts'
import { configSchema } from '../../src/hub/config.ts'
import { HubNetwork } from '../../src/hub/network.ts'

const ip = (...args: string[]) => execFileSync('ip', args)
const network = new HubNetwork({
  config: configSchema.parse({}),
  clock: systemClock,
  log: pino({ level: 'silent' }),
})
const say = () => console.log(JSON.stringify(network.info().addresses.map(({ address }) => address)))
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Settles at the next change. */
const change = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const forget = network.onChange(() => {
    forget()
    resolve()
  })
  return promise
}

network.start()
network.listening({ bind: '0.0.0.0', http: 80, https: null })
say()
// Until `ip` listens there is nobody to see it.
await pause(500)
const first = change()
// The only interface there is; what counts is the address.
ip('link', 'set', 'lo', 'up')
ip('address', 'add', '10.9.8.7/24', 'dev', 'lo')
await first
say()
const second = change()
ip('address', 'del', '10.9.8.7/24', 'dev', 'lo')
ip('address', 'add', '10.9.8.8/24', 'dev', 'lo')
await second
say()
let noise = 'quiet'
network.onChange(() => {
  noise = 'told although nothing is different'
})
ip('address', 'add', '10.9.8.9/24', 'dev', 'lo')
ip('address', 'del', '10.9.8.9/24', 'dev', 'lo')
await pause(1_500)
console.log(noise)
network.stop()
