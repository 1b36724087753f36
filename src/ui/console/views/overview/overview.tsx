/** The first page: what needs a person, then how the shop is doing, then how to get here from another device. */
import type { JSX } from 'preact'
import { Badge } from '../../../parts/badge.tsx'
import { Icon, type IconName } from '../../../parts/icon.tsx'
import { ageText, numberText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { jobLook, kindName } from '../../../words/things.ts'
import { accessChanged, isTechnician, useAsked, useConsole } from '../../context.ts'
import { Addresses } from './addresses.tsx'
import { Needs } from './needs.tsx'

const lastJobs = 6

export function OverviewView(): JSX.Element {
  return (
    <>
      <Needs />
      <Figures />
      <div class="overview-columns">
        <LastJobs />
        <Addresses />
      </div>
    </>
  )
}

function Figures(): JSX.Element {
  const { state, session, clock } = useConsole()
  const technician = isTechnician(session.role.value)
  const { answer } = useAsked('token.list', {}, accessChanged('tokens'), technician)
  const devices = state.deviceList.value
  const ready = devices.filter(({ state: now }) => now === 'ready' || now === 'busy').length
  const open = [...state.openJobs.value.values()].filter((job) => job.state !== 'unknown').length
  const tills = answer.value?.tokens
  const hub = state.hub.value
  return (
    <ul class="figures" aria-label={say('shell.figures')}>
      <Figure icon="printer" href="#/devices" word={say('shell.figure.devices')}>
        {say('shell.figure.of', { now: numberText(ready), all: numberText(devices.length) })}
      </Figure>
      <Figure icon="jobs" href="#/jobs" word={say('shell.figure.jobs')}>
        {numberText(open)}
      </Figure>
      {tills === undefined ? (
        <Figure icon="tills" word={say('shell.figure.clients')}>
          {numberText(hub?.clients ?? 0)}
        </Figure>
      ) : (
        <Figure icon="tills" href="#/tills" word={say('shell.figure.tills')}>
          {say('shell.figure.of', {
            now: numberText(tills.filter(({ connections }) => connections > 0).length),
            all: numberText(tills.length),
          })}
        </Figure>
      )}
      {hub !== undefined && (
        <Figure icon="about" href="#/about" word={say('shell.figure.version', { version: hub.version })}>
          <span class="figure-text">
            {say('shell.figure.started', { age: ageText(clock.now.value - Date.parse(hub.startedAt)) })}
          </span>
        </Figure>
      )}
    </ul>
  )
}

interface FigureProps {
  icon: IconName
  word: string
  href?: string
  children: JSX.Element | string
}

function Figure({ icon, word, href, children }: FigureProps): JSX.Element {
  const inside = (
    <>
      <span class="figure-word">
        <Icon name={icon} size={18} />
        <span>{word}</span>
      </span>
      <span class="figure-value">{children}</span>
    </>
  )
  return (
    <li>
      {href === undefined ? (
        <div class="card figure">{inside}</div>
      ) : (
        <a class="card figure" href={href}>
          {inside}
        </a>
      )}
    </li>
  )
}

function LastJobs(): JSX.Element {
  const { state, clock } = useConsole()
  const { answer } = useAsked('job.list', { limit: lastJobs }, (event) => event.topic === 'job.changed')
  const jobs = answer.value?.jobs
  return (
    <section class="card overview-card" aria-labelledby="last-jobs">
      <h2 id="last-jobs">{say('shell.last_jobs')}</h2>
      {jobs !== undefined && jobs.length === 0 ? (
        <p class="hint">{say('shell.last_jobs.none')}</p>
      ) : (
        <ol class="last-jobs">
          {jobs?.map((job) => {
            const look = jobLook(job)
            return (
              <li key={job.id}>
                <Badge tone={look.tone} icon={look.icon}>
                  {look.word}
                </Badge>
                <span class="last-job">
                  {kindName(job.kind)}, {state.nameOf(job.device)}
                </span>
                <time dateTime={job.createdAt}>{ageText(clock.now.value - Date.parse(job.createdAt))}</time>
              </li>
            )
          })}
        </ol>
      )}
      <p>
        <a href="#/jobs">{say('shell.last_jobs.all')}</a>
      </p>
    </section>
  )
}
