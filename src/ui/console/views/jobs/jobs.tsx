/** The jobs, newest first, live: what was asked, what became of it, and what only a person can say. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Job, JobState } from '../../../../protocol/job.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { SelectField } from '../../../parts/field.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { ageText, clockText } from '../../../parts/time.ts'
import { say, sayCount } from '../../../words/say.ts'
import { jobLook, jobStateWord, kindName } from '../../../words/things.ts'
import { useActions, useConsole } from '../../context.ts'
import { jobsListLimits, noFilter } from '../../jobs-list.ts'
import { JobDialog } from './job-dialog.tsx'
import { JobError } from './job-error.tsx'
import { VirtualList } from './virtual-list.tsx'

const states = ['pending', 'running', 'done', 'failed', 'expired', 'unknown'] as const satisfies JobState[]
/** The hub takes no longer search text. */
const textCharsMax = 100
/** A search begins when nobody has typed for so long. */
const typingMs = 250

export function JobsView(): JSX.Element {
  const { jobs, session, address } = useConsole()
  const { attempt } = useActions()
  const shown = useSignal<string | undefined>(undefined)
  const online = session.link.value === 'online'
  /** `#/jobs/DEVICE`: the jobs of one device. */
  const device = address.value.split('/')[1]
  useEffect(() => {
    if (device !== undefined) jobs.filter.value = { ...noFilter, device }
    if (online) void attempt(() => jobs.reload())
  }, [online, device, jobs])
  const rows = jobs.rows.value
  return (
    <>
      <Filters />
      {rows.length === 0 ? (
        <NoJobs />
      ) : (
        <VirtualList
          rows={rows}
          keyOf={(job) => job.id}
          label={say('jobs.list')}
          class="jobs"
          more={jobs.more.value}
          marks={(job) => ({ class: 'job', 'data-job': job.id, 'data-state': job.state })}
          onNearEnd={() => void jobs.loadMore().catch(() => undefined)}
        >
          {(job) => (
            <JobRow
              job={job}
              onOpen={() => {
                shown.value = job.id
              }}
            />
          )}
        </VirtualList>
      )}
      {rows.length > 0 && (
        <p class="hint list-end" role="status">
          {jobs.full
            ? say('jobs.full', { max: jobsListLimits.rowsMax })
            : jobs.more.value
              ? say('jobs.loading')
              : sayCount('jobs.all', rows.length)}
        </p>
      )}
      {shown.value !== undefined && (
        <JobDialog
          key={shown.value}
          id={shown.value}
          onClose={() => {
            shown.value = undefined
          }}
          onShow={(id) => {
            shown.value = id
          }}
        />
      )}
    </>
  )
}

function Filters(): JSX.Element {
  const { jobs, state, clock } = useConsole()
  const { attempt } = useActions()
  const filter = jobs.filter.value
  const text = useSignal(filter.text)
  const stopTyping = useRef(() => {})
  useEffect(() => {
    text.value = filter.text
  }, [filter.text, text])
  useEffect(() => () => stopTyping.current(), [])
  const search = (typed: string) => {
    text.value = typed
    stopTyping.current()
    stopTyping.current = clock.after(typingMs, () => {
      void attempt(() => jobs.setFilter({ ...jobs.filter.peek(), text: typed }))
    })
  }
  return (
    <div class="toolbar filters">
      <SearchField
        label={say('jobs.search')}
        placeholder={say('jobs.searchHint')}
        value={text.value}
        onInput={(typed) => search(typed.slice(0, textCharsMax))}
      />
      <SelectField
        label={say('jobs.device')}
        value={filter.device ?? ''}
        choices={[
          { value: '', text: say('jobs.allDevices') },
          ...state.deviceList.value.map((device) => ({ value: device.id, text: device.name })),
        ]}
        onChange={(device) =>
          void attempt(() => jobs.setFilter({ ...filter, device: device === '' ? undefined : device }))
        }
      />
      <SelectField
        label={say('jobs.state')}
        value={filter.state ?? ''}
        choices={[
          { value: '', text: say('jobs.allStates') },
          ...states.map((name) => ({ value: name, text: jobStateWord(name) })),
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
  const { attempt } = useActions()
  const { device, state, text } = jobs.filter.value
  if (!jobs.loaded.value)
    return (
      <p class="empty" role="status">
        {say('jobs.asking')}
      </p>
    )
  if (device !== undefined || state !== undefined || text !== '')
    return (
      <div class="empty">
        <Icon name="search" size={48} />
        <h2>{say('jobs.noMatch')}</h2>
        <p>{say('jobs.noMatchHint')}</p>
        <Button onPress={() => attempt(() => jobs.setFilter(noFilter))}>{say('jobs.showAll')}</Button>
      </div>
    )
  return (
    <div class="empty">
      <Icon name="receipt" size={48} />
      <h2>{say('jobs.none')}</h2>
      <p>{say('jobs.noneHint')}</p>
      <a class="button look-plain size-normal" href="#/devices">
        {say('jobs.toDevices')}
      </a>
    </div>
  )
}

function JobRow({ job, onOpen }: { job: Job; onOpen: () => void }): JSX.Element {
  const { state, clock } = useConsole()
  const look = jobLook(job)
  const createdAt = Date.parse(job.createdAt)
  // A row is drawn anew when the words of its age change, not each second.
  const age = useComputed(() => ageText(clock.now.value - createdAt))
  return (
    <button type="button" class="job-key" aria-haspopup="dialog" onClick={onOpen}>
      <span class="job-state">
        <Badge tone={look.tone} icon={look.icon}>
          {look.word}
        </Badge>
      </span>
      <span class="job-what">
        <span class="job-title">
          {job.movedFrom === undefined
            ? say('jobs.on', { kind: kindName(job.kind), device: state.nameOf(job.device) })
            : say('jobs.onMoved', {
                kind: kindName(job.kind),
                device: state.nameOf(job.device),
                from: state.nameOf(job.movedFrom),
              })}
        </span>
        <span class="job-sub">
          <JobError job={job} brief />
          <span>{job.client}</span>
          {job.attempts > 1 && <span>{sayCount('jobs.attempts', job.attempts)}</span>}
          <code>{job.id}</code>
        </span>
      </span>
      <time class="job-age" dateTime={job.createdAt} title={clockText(job.createdAt)}>
        {age}
      </time>
    </button>
  )
}
