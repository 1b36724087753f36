/** A small fleet on one broker: each hub in a tree of its own, and all of them back when the broker was killed. */
import { afterEach, expect, it } from 'vitest'
import { devicesPerHub, FleetHub, statesOf } from '../support/fleet-hub.ts'
import { until } from '../support/hub-process.ts'
import { Mosquitto } from '../support/mosquitto.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

const count = 60

it('[MO40] [MO41] every hub speaks below its own topic only, and tells all of its state again to a broker that has lost it', async () => {
  const broker = await Mosquitto.start()
  undo.push(() => broker.end())
  const hubs = Array.from({ length: count }, (_, at) => new FleetHub(`hub-${at}`, broker.url))
  undo.push(() => Promise.all(hubs.map((hub) => hub.stop())))
  const heard = await broker.listen('tillbridge/#', '$SYS/broker/clients/total', 'homeassistant/#')
  for (const hub of hubs) hub.start()
  const wanted = new Map(hubs.flatMap(({ id }) => statesOf(id)))
  expect(wanted.size).toBe(count * (devicesPerHub + 2))
  const arrived = (all: typeof heard) => new Map(all.map(({ text, topic }) => [topic, text]))
  await until(() => [...wanted.keys()].every((topic) => arrived(heard).has(topic)), 'all is told')
  for (const hub of hubs) hub.scan()
  const scans = () => heard.filter(({ topic }) => topic.endsWith('/event'))
  await until(() => scans().length === count, 'each scan is heard')
  const strangers = heard.filter(
    ({ topic }) => !topic.startsWith('$SYS') && !hubs.some(({ id }) => topic.startsWith(`tillbridge/${id}/`)),
  )
  expect(strangers).toEqual([])

  await broker.end()
  const again = await Mosquitto.start({ port: broker.port })
  undo.push(() => again.end())
  await until(() => hubs.every(({ online }) => online), 'all are back', 25_000)
  // Heard by one who comes later: it is retained, word for word.
  await until(async () => {
    const kept = await again.listen('tillbridge/#')
    await until(() => kept.length >= wanted.size, 'what is retained', 2_000).catch(() => undefined)
    return [...wanted].every(([topic, text]) => arrived(kept).get(topic) === text)
  }, 'all is retained again')
}, 60_000)
