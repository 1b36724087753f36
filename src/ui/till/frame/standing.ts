/** What there is to say of both links at this moment: one sentence, as calm as it can be. */
import { clockText } from '../../parts/time.ts'
import { say, sayCount } from '../../words/say.ts'
import type { Link, Queue } from '../contract.ts'

export interface Standing {
  tone: 'good' | 'wait' | 'bad'
  hub: string
  cloud: string
  /** Sales that only this browser has; '' for none. */
  here: string
}

/** `12:03`: seconds say nothing here. */
export const timeText = (ms: number): string => clockText(new Date(ms).toISOString()).slice(0, 5)

/** Reads signals: whoever draws it is drawn anew. */
export function standingOf({ link, queue }: { link: Link; queue: Queue }): Standing {
  const online = link.stage.value === 'online'
  const since = link.offlineSince.value
  const calls = queue.calls.value
  const parked = calls.filter(({ state }) => state === 'parked').length
  const waiting = calls.length - parked
  const upstreams = link.upstreams.value
  const away = upstreams.filter(({ state }) => state === 'waiting' || state === 'stopped')
  const behind = away.reduce((sum, { sent, sold }) => sum + Math.max(0, sold - sent), 0)
  const here = [
    waiting > 0 ? sayCount('till.status.waiting', waiting) : '',
    parked > 0 ? sayCount('till.status.parked', parked) : '',
  ].filter((text) => text !== '')
  return {
    tone: parked > 0 ? 'bad' : online && waiting === 0 && away.length === 0 ? 'good' : 'wait',
    hub: online
      ? say('till.status.hub')
      : since === null
        ? say('till.status.connecting')
        : say('till.status.hub_away', { time: timeText(since) }),
    cloud:
      upstreams.length === 0
        ? say('till.status.no_cloud')
        : away.length > 0
          ? say('till.status.cloud_away', { count: behind })
          : say('till.status.cloud'),
    here: here.join(' · '),
  }
}
