/** Who may do what on the broker of the box: what a role may publish, subscribe to, and gets to hear. */
import type { Caller } from '../../api.ts'

export class Acl {
  readonly #hub: string
  readonly #root: string
  readonly #discovery: string

  constructor(hub: string, discovery: string) {
    this.#hub = hub
    this.#root = `tillbridge/${hub}/`
    this.#discovery = `${discovery}/`
  }

  /** Method of a topic of requests; undefined: it is none. */
  methodOf(topic: string): string | undefined {
    const root = `${this.#root}request/`
    return topic.startsWith(root) ? topic.slice(root.length) : undefined
  }

  /** Besides requests, which their method looks at: Home Assistant says there that it was born. */
  mayPublish({ devices }: Caller, topic: string): boolean {
    return devices === undefined && topic === `${this.#discovery}status`
  }

  /** Filters that can only match what is nobody's business, or nothing, are refused, so that a mistake is seen. */
  maySubscribe({ devices }: Caller, filter: string): boolean {
    if (filter === '#' || filter === 'tillbridge/#') return true
    if (filter.startsWith(this.#discovery)) return devices === undefined
    const [first, hub, part] = filter.split('/')
    if (first !== 'tillbridge' && first !== '+') return false
    return (hub === this.#hub || hub === '+') && part !== 'request'
  }

  /** `payload` is looked at only for clients that are held to certain devices. */
  mayHear({ devices }: Caller, topic: string, payload: string | Buffer): boolean {
    if (!topic.startsWith(this.#root)) return topic.startsWith(this.#discovery) && devices === undefined
    const [part, name] = topic.slice(this.#root.length).split('/')
    if (part === 'request') return false
    if (devices === undefined || name === undefined) return true
    if (part === 'device') return devices.has(name)
    return part === 'response' || isOfDevices(devices, payload)
  }
}

/** Jobs and alerts name their device; one that moved to a backup is still that of the device before. */
function isOfDevices(devices: ReadonlySet<string>, payload: string | Buffer): boolean {
  if (payload.length === 0) return true
  const { device, movedFrom } = JSON.parse(payload.toString()) as { device?: string; movedFrom?: string }
  return [device, movedFrom].some((id) => id !== undefined && devices.has(id))
}

/** True when a filter with `+` and `#` covers a topic (MQTT 3.1.1, 4.7). */
export function filterCovers(filter: string, topic: string): boolean {
  const wanted = filter.split('/')
  const levels = topic.split('/')
  for (const [at, part] of wanted.entries()) {
    if (part === '#') return true
    if (at >= levels.length || (part !== '+' && part !== levels[at])) return false
  }
  return wanted.length === levels.length
}
