/** One job in full: its times, who asked, why it failed and what to do; cancelling, ruling, printing once more. */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { newId } from '../../../../protocol/client-core.ts'
import type { Job } from '../../../../protocol/job.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Fact } from '../../../parts/fact.tsx'
import { SelectField } from '../../../parts/field.tsx'
import { dateTimeText, numberText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { jobLook, kindName } from '../../../words/things.ts'
import { useActions, useConsole } from '../../context.ts'
import { DeviceLink } from '../devices/device-link.tsx'
import { JobError } from './job-error.tsx'
import { Verdicts } from './question.tsx'

interface JobDialogProps {
  id: string
  onClose: () => void
  /** Shows another job in its place. */
  onShow: (id: string) => void
}

export function JobDialog({ id, onClose, onShow }: JobDialogProps): JSX.Element | null {
  const { session } = useConsole()
  const job = useJob(id)
  const repeating = useSignal(false)
  const shown = job.value
  if (shown === undefined) return null
  const title = kindName(shown.kind)
  return (
    <Dialog title={title} onClose={onClose}>
      {repeating.value ? (
        <Repeat
          job={shown}
          onDone={onShow}
          onBack={() => {
            repeating.value = false
          }}
        />
      ) : (
        <>
          <Facts job={shown} onLeave={onClose} />
          {session.role.value !== 'monitor' && (
            <Keys
              job={shown}
              onRepeat={() => {
                repeating.value = true
              }}
            />
          )}
        </>
      )}
    </Dialog>
  )
}

/** The job as it changes: from the list, else from the hub. */
function useJob(id: string): Signal<Job | undefined> {
  const { jobs, session, state } = useConsole()
  const { attempt } = useActions()
  const listed = () => jobs.rows.peek().find((row) => row.id === id)
  const job = useSignal<Job | undefined>(listed())
  useEffect(() => {
    const stop = state.onJob((changed) => {
      if (changed.id === id) job.value = changed
    })
    // It may have changed between the drawing and now.
    const now = listed()
    if (now !== undefined) job.value = now
    else
      void attempt(async () => {
        job.value = await session.call('job.get', { id })
      })
    return stop
  }, [id, session, state, job])
  return job
}

function Facts({ job, onLeave }: { job: Job; onLeave: () => void }): JSX.Element {
  const { clock } = useConsole()
  const look = jobLook(job)
  const open = job.state === 'pending' || job.state === 'running'
  const expires = Date.parse(job.expiresAt) > clock.now.value
  return (
    <>
      <p role="status">
        <Badge tone={look.tone} icon={look.icon}>
          {look.word}
        </Badge>
      </p>
      <JobError job={job} />
      <dl class="facts">
        <Fact name={say('jobs.device')}>
          <DeviceLink id={job.device} onFollow={onLeave} />
        </Fact>
        {job.movedFrom !== undefined && (
          <Fact name={say('jobs.movedFrom')}>
            <DeviceLink id={job.movedFrom} onFollow={onLeave} />
          </Fact>
        )}
        <Fact name={say('jobs.client')}>{job.client}</Fact>
        <Fact name={say('jobs.asked')}>
          <time dateTime={job.createdAt}>{dateTimeText(job.createdAt)}</time>
        </Fact>
        {job.finishedAt !== undefined && (
          <Fact name={say('jobs.ended')}>
            <time dateTime={job.finishedAt}>{dateTimeText(job.finishedAt)}</time>
          </Fact>
        )}
        {open && (
          <Fact name={expires ? say('jobs.validUntil') : say('jobs.wasValidUntil')}>
            <time dateTime={job.expiresAt}>{dateTimeText(job.expiresAt)}</time>
          </Fact>
        )}
        <Fact name={say('jobs.tries')}>{numberText(job.attempts)}</Fact>
        <Fact name={say('jobs.id')}>
          <code>{job.id}</code>
        </Fact>
      </dl>
    </>
  )
}

function Keys({ job, onRepeat }: { job: Job; onRepeat: () => void }): JSX.Element | null {
  const { state } = useConsole()
  const { call } = useActions()
  const cancel = async () => {
    const cancelled = await call('job.cancel', { id: job.id })
    if (cancelled !== undefined) state.putJob(cancelled)
  }
  if (job.state === 'unknown')
    return (
      <>
        <p>{say('jobs.lookThenSay')}</p>
        <Verdicts job={job} />
      </>
    )
  if (job.state === 'pending')
    return (
      <div class="actions end">
        <Button size="big" icon="close" onPress={cancel}>
          {say('jobs.cancel')}
        </Button>
      </div>
    )
  if (job.state === 'running' || job.kind !== 'print') return null
  return (
    <div class="actions end">
      <Button size="big" icon="receipt" onPress={onRepeat}>
        {say('jobs.repeat')}
      </Button>
    </div>
  )
}

interface RepeatProps {
  job: Job
  onDone: (id: string) => void
  onBack: () => void
}

/** Paper comes out, so it asks first. The id is made once: pressed twice, it still prints once. */
function Repeat({ job, onDone, onBack }: RepeatProps): JSX.Element {
  const { state } = useConsole()
  const { call } = useActions()
  const as = useSignal(newId()).peek()
  const printers = state.deviceList.value.filter(({ capabilities }) => capabilities.includes('printing'))
  const here = printers.some(({ id }) => id === job.device)
  const device = useSignal(here ? job.device : (printers[0]?.id ?? ''))
  const print = async () => {
    const again = await call(
      'job.repeat',
      { id: job.id, as, ...(device.value === job.device ? {} : { device: device.value }) },
      say('jobs.repeated'),
    )
    if (again === undefined) return
    state.putJob(again)
    onDone(again.id)
  }
  return (
    <>
      <p>{say('jobs.repeatText')}</p>
      <SelectField
        label={say('jobs.repeatOn')}
        value={device.value}
        choices={printers.map(({ id, name }) => ({ value: id, text: name }))}
        onChange={(id) => {
          device.value = id
        }}
      />
      <div class="actions end">
        <Button size="big" onPress={onBack}>
          {say('jobs.back')}
        </Button>
        <Button size="big" look="main" icon="receipt" disabled={device.value === ''} onPress={print}>
          {say('jobs.repeatDo')}
        </Button>
      </div>
    </>
  )
}
