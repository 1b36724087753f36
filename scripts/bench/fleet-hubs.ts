/** A part of the fleet in a process of its own: so many hubs, which scan at a rate while they are told to. */
import mqtt from 'mqtt'
import { FleetHub, statesOf } from '../../tests/support/fleet-hub.ts'

const [url = '', from = '0', count = '1', kind = 'hubs'] = process.argv.slice(2)
const ids = Array.from({ length: Number(count) }, (_, at) => `hub-${Number(from) + at}`)
const hubs = kind === 'hubs' ? ids.map((id) => new FleetHub(id, url)) : []
for (const hub of hubs) hub.start()
if (kind === 'bare') for (const id of ids) void bare(id)

/** The floor: the same library, which connects and says the same, and does nothing else. */
async function bare(id: string): Promise<void> {
  const client = await mqtt.connectAsync(url, { clientId: id, protocolVersion: 5 })
  for (const [topic, text] of statesOf(id)) client.publish(topic, text, { qos: 1, retain: true })
}

/** A tick of the load, in ms. */
const tickMs = 20
let told = 0

/** Each hub in turn, all of them so many times a second. */
function scanFor(perSecond: number, ms: number): void {
  const begun = performance.now()
  const first = told
  const timer = setInterval(() => {
    const passed = Math.min(performance.now() - begun, ms)
    const due = first + Math.floor((passed / 1_000) * perSecond)
    for (; told < due; told++) hubs[told % hubs.length]?.scan()
    if (passed < ms) return
    clearInterval(timer)
    process.send?.({ told: told - first })
  }, tickMs)
}

process.on('message', ({ ms, perSecond }: { perSecond: number; ms: number }) => scanFor(perSecond, ms))
