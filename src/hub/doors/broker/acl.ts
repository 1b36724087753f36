/** Who may do what on the broker of the box: what a role may publish, subscribe to, and gets to hear. */
import type { Caller } from '../../api.ts'

export class Acl {
  readonly #hub: string
  readonly #root: string
  readonly #discovery: string
  /** Of the last message that somebody was to hear. */
  #heard: { topic: string; part: string; name?: string | undefined } = { topic: '', part: 'none' }

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

  /** Asked for each message and client: what is the same for all clients is worked out once a message. */
  mayHear({ devices }: Caller, topic: string, payload: string | Buffer): boolean {
    if (topic !== this.#heard.topic) this.#heard = this.#partsOf(topic)
    const { name, part } = this.#heard
    if (part === 'none') return false
    if (devices === undefined || name === undefined) return devices === undefined || part !== 'discovery'
    if (part === 'device') return devices.has(name)
    return part === 'response' || isOfDevices(devices, payload, part === 'alert')
  }

  #partsOf(topic: string): { topic: string; part: string; name?: string | undefined } {
    if (topic.startsWith(this.#root)) {
      const [part = '', name] = topic.slice(this.#root.length).split('/')
      return { topic, part: part === 'request' ? 'none' : part, name }
    }
    return { topic, part: topic.startsWith(this.#discovery) ? 'discovery' : 'none' }
  }
}

/** Jobs and alerts name their device; one that moved to a backup is still that of the device before. `general`: what names none is for all. */
function isOfDevices(devices: ReadonlySet<string>, payload: string | Buffer, general: boolean): boolean {
  if (payload.length === 0) return true
  const { device, movedFrom } = JSON.parse(payload.toString()) as { device?: string; movedFrom?: string }
  if (device === undefined && general) return true
  return [device, movedFrom].some((id) => id !== undefined && devices.has(id))
}

/** True when a filter with `+` and `#` covers a topic (MQTT 3.1.1, 4.7). Asked for each message and client: nothing is cut in pieces. */
export function filterCovers(filter: string, topic: string): boolean {
  let [at, topicAt] = [0, 0]
  for (;;) {
    if (filter[at] === '#') return true
    const end = endOfLevel(filter, at)
    const topicEnd = endOfLevel(topic, topicAt)
    const any = filter[at] === '+'
    if (!any && (end - at !== topicEnd - topicAt || !topic.startsWith(filter.slice(at, end), topicAt)))
      return false
    // `a/#` covers `a` as well.
    if (topicEnd === topic.length) return end === filter.length || filter.slice(end) === '/#'
    if (end === filter.length) return false
    at = end + 1
    topicAt = topicEnd + 1
  }
}

function endOfLevel(text: string, from: number): number {
  const end = text.indexOf('/', from)
  return end < 0 ? text.length : end
}
