/** A job whose outcome nobody knows, as a question with its two answers. */
import type { JSX } from 'preact'
import type { Job } from '../../../../protocol/job.ts'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { ageText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { kindName, verdicts } from '../../../words/things.ts'
import { useActions, useConsole } from '../../context.ts'

/** The two answers. Only a person who has looked may give them. */
export function Verdicts({ job }: { job: Job }): JSX.Element {
  const { state } = useConsole()
  const { call } = useActions()
  const words = verdicts(job.kind)
  const settle = async (outcome: 'done' | 'failed') => {
    const settled = await call('job.settle', { id: job.id, outcome })
    if (settled !== undefined) state.putJob(settled)
  }
  return (
    <div class="actions grow">
      <Button size="big" look="main" icon="ready" onPress={() => settle('done')}>
        {words.done}
      </Button>
      <Button size="big" icon="close" onPress={() => settle('failed')}>
        {words.failed}
      </Button>
    </div>
  )
}

export function Question({ job }: { job: Job }): JSX.Element {
  const { state, clock, session } = useConsole()
  const device = state.nameOf(job.device)
  const age = ageText(clock.now.value - Date.parse(job.createdAt))
  return (
    <article class="question">
      <Icon name="unknown" size={28} />
      <div class="question-text">
        <h2>{say('jobs.questionTitle', { kind: kindName(job.kind), device })}</h2>
        <p>{say('jobs.questionText', { id: job.id, age, client: job.client })}</p>
      </div>
      {session.role.value !== 'monitor' && <Verdicts job={job} />}
    </article>
  )
}
