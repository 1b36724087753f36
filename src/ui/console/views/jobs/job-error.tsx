/** Why a job failed, or why nobody knows: the sentence, its code and, where there is room, what to do. */
import type { JSX } from 'preact'
import type { Job } from '../../../../protocol/job.ts'
import { hintFor, sentenceOf } from '../../../parts/error-words.ts'
import { useConsole } from '../../context.ts'

interface JobErrorProps {
  job: Job
  /** The sentence alone, for a line of a list. */
  brief?: boolean
}

export function JobError({ job, brief = false }: JobErrorProps): JSX.Element | null {
  const { state } = useConsole()
  const { error } = job
  if (error === undefined || job.state === 'done' || error.code === 'job_cancelled') return null
  const sentence = sentenceOf(error, state.devices.value)
  if (brief) return <span class="job-error">{sentence}</span>
  return (
    <div class={`job-trouble tone-${job.state === 'unknown' ? 'doubt' : 'bad'}`}>
      <p>
        <strong>{sentence}</strong>
      </p>
      {job.state === 'failed' && <p>{hintFor(error.code, error.who)}</p>}
      <p>
        <code>{error.code}</code>
      </p>
    </div>
  )
}
