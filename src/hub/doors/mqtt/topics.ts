/** Where the hub speaks and listens on a broker: the addresses that the outside relies on (CONTRACT: MQTT). */

export interface HubTopics {
  /** `online` or `offline`, retained; the broker says `offline` when the hub is gone without a word. */
  status: string
  /** Who the hub is, retained. */
  info: string
  state(device: string): string
  /** Matches `state` of every device. */
  anyState: string
  event(device: string): string
  job(id: string): string
  alert(id: string): string
  /** Matches `alert` of every id. */
  anyAlert: string
  /** What tills hear of each other. */
  till: string
  /** Begins every topic of a request; the method follows. */
  request: string
  response(id: string): string
}

export function topicsOf(hub: string): HubTopics {
  const root = `tillbridge/${hub}`
  return {
    status: `${root}/status`,
    info: `${root}/info`,
    state: (device) => `${root}/device/${device}/state`,
    anyState: `${root}/device/+/state`,
    event: (device) => `${root}/device/${device}/event`,
    job: (id) => `${root}/job/${id}`,
    alert: (id) => `${root}/alert/${id}`,
    anyAlert: `${root}/alert/+`,
    till: `${root}/till`,
    request: `${root}/request/`,
    response: (id) => `${root}/response/${id}`,
  }
}

/** The device of a topic of `state`. */
export const deviceOfState = (topic: string): string | undefined => topic.split('/').at(-2)
