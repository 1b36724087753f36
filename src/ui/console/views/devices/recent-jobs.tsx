/** The last jobs of one device on its card: what became of what was just asked. */
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Device } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { clockText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { jobLook } from '../../../words/things.ts'
import { useConsole } from '../../context.ts'
import { stateLimits } from '../../state.ts'

export function RecentJobs({ device }: { device: Device }): JSX.Element | null {
  const { state, session } = useConsole()
  const online = session.link.value === 'online'
  useEffect(() => {
    if (!online) return
    session.call('job.list', { device: device.id, limit: stateLimits.recentJobsMax }).then(
      ({ jobs }) => state.putRecent(jobs),
      // Events fill the list as well.
      () => undefined,
    )
  }, [online, device.id, session, state])
  const jobs = state.live(device.id).recentJobs.value
  if (jobs.length === 0) return null
  return (
    <ol class="recent" aria-label={say('devices.lastJobs', { name: device.name })}>
      {jobs.map((job) => {
        const look = jobLook(job)
        return (
          <li key={job.id}>
            <Badge tone={look.tone} icon={look.icon}>
              {look.word}
            </Badge>
            <time dateTime={job.createdAt}>{clockText(job.createdAt)}</time>
          </li>
        )
      })}
    </ol>
  )
}
