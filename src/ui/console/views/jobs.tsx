/** The jobs, newest first, live: what was asked, what became of it, and what only a person can say. */
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Job, JobState } from '../../../protocol/job.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { hintFor, sentenceOf } from '../../parts/error-words.ts'
import { SelectField } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ageText, clockText } from '../../parts/time.ts'
import { useActions, useConsole } from '../context.ts'
import { jobLook, jobStateWords, kindName } from '../words.ts'
import { Verdicts } from './question.tsx'

const states = Object.keys(jobStateWords) as JobState[]

export function JobsView(): JSX.Element {
  const { jobs, session } = useConsole()
  const { attempt } = useActions()
  const online = session.link.value === 'online'
  useEffect(() => {
    if (online) void attempt(() => jobs.reload())
  }, [online, jobs])
  const rows = jobs.rows.value
  return (
    <>
      <Filters />
      {rows.length === 0 ? (
        <NoJobs />
      ) : (
        <ol class="jobs">
          {rows.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ol>
      )}
      <div class="more">
        {jobs.more.value && (
          <Button size="big" onPress={() => attempt(() => jobs.loadMore())}>
            {jobs.loading.value ? 'Loading …' : 'Show older jobs'}
          </Button>
        )}
        {rows.length > 0 && !jobs.more.value && (
          <p class="hint">That is all: {rows.length === 1 ? '1 job' : `${rows.length} jobs`}.</p>
        )}
      </div>
    </>
  )
}

function Filters(): JSX.Element {
  const { jobs, state } = useConsole()
  const { attempt } = useActions()
  const filter = jobs.filter.value
  return (
    <div class="toolbar filters">
      <SelectField
        label="Device"
        value={filter.device ?? ''}
        choices={[
          { value: '', text: 'All devices' },
          ...state.deviceList.value.map((device) => ({ value: device.id, text: device.name })),
        ]}
        onChange={(device) =>
          void attempt(() => jobs.setFilter({ ...filter, device: device === '' ? undefined : device }))
        }
      />
      <SelectField
        label="State"
        value={filter.state ?? ''}
        choices={[
          { value: '', text: 'All states' },
          ...states.map((name) => ({ value: name, text: jobStateWords[name] })),
        ]}
        onChange={(name) =>
          void attempt(() =>
            jobs.setFilter({ ...filter, state: states.find((candidate) => candidate === name) }),
          )
        }
      />
    </div>
  )
}

function NoJobs(): JSX.Element {
  const { jobs } = useConsole()
  const { device, state } = jobs.filter.value
  if (!jobs.loaded.value) return <p class="empty">Asking for the jobs …</p>
  if (device !== undefined || state !== undefined)
    return (
      <div class="empty">
        <h2>No job matches</h2>
        <Button onPress={() => jobs.setFilter({ device: undefined, state: undefined })}>Show all jobs</Button>
      </div>
    )
  return (
    <div class="empty">
      <Icon name="receipt" size={48} />
      <h2>No jobs yet</h2>
      <p>
        Whatever a till asks of a device appears here. Try the sample receipt under <a href="#/">Devices</a>.
      </p>
    </div>
  )
}

function JobRow({ job }: { job: Job }): JSX.Element {
  const { state, session } = useConsole()
  const look = jobLook(job)
  const nameOf = (id: string) => state.devices.value.get(id)?.name ?? id
  const sells = session.role.value !== 'monitor'
  return (
    <li class="job" data-job={job.id} data-state={job.state}>
      <div class="job-state">
        <Badge tone={look.tone} icon={look.icon}>
          {look.word}
        </Badge>
      </div>
      <div class="job-what">
        <p>
          <strong>{kindName(job.kind)}</strong> on {nameOf(job.device)}
          {job.movedFrom !== undefined && <>, moved from {nameOf(job.movedFrom)}</>}
        </p>
        <p class="job-sub">
          <Age at={job.createdAt} /> by {job.client}
          {job.attempts > 1 && <>, {job.attempts} attempts</>}, <code>{job.id}</code>
        </p>
        <JobError job={job} />
      </div>
      {sells && job.state === 'pending' && <CancelButton job={job} />}
      {sells && job.state === 'unknown' && <Verdicts job={job} />}
    </li>
  )
}

function JobError({ job }: { job: Job }): JSX.Element | null {
  const { state } = useConsole()
  const { error } = job
  if (error === undefined || job.state === 'done' || error.code === 'job_cancelled') return null
  return (
    <p class="job-error">
      {sentenceOf(error, state.devices.value)} {job.state === 'failed' && hintFor(error.code, error.who)}{' '}
      <code>{error.code}</code>
    </p>
  )
}

function CancelButton({ job }: { job: Job }): JSX.Element {
  const { state } = useConsole()
  const { call } = useActions()
  const cancel = async () => {
    const cancelled = await call('job.cancel', { id: job.id })
    if (cancelled !== undefined) state.putJob(cancelled)
  }
  return (
    <Button icon="close" onPress={cancel}>
      Cancel
    </Button>
  )
}

function Age({ at }: { at: string }): JSX.Element {
  const { clock } = useConsole()
  return (
    <time dateTime={at} title={clockText(at)}>
      {ageText(clock.now.value - Date.parse(at))}
    </time>
  )
}
