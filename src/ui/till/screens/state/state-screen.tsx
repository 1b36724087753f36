/** What works now and what does not, in plain words, and the sales that are still on their way. */
import type { JSX } from 'preact'
import { Badge } from '../../../parts/badge.tsx'
import { numberText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { standingOf, timeText } from '../../frame/standing.ts'
import { QueueList } from './queue-list.tsx'

const always = ['sell', 'search'] as const
const withHub = ['print', 'refund', 'close'] as const

export function StateScreen(): JSX.Element {
  const till = useTill()
  const { journal, link, numbers, shelf } = till
  const online = link.stage.value === 'online'
  const standing = standingOf(till)
  const copy = shelf.copy.value
  const works = [...always, ...(online ? withHub : [])]
  const not = online ? [] : withHub
  const reopens = isSecureContext && 'serviceWorker' in navigator
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a page that is only read is scrolled by keyboard too
    <main class="screen state-screen" tabIndex={0}>
      <h1>{say('till.menu.state')}</h1>
      <p class="lead">{say('till.state.lead')}</p>
      <div class="state-columns">
        <section class="card">
          <h2>{say('till.status')}</h2>
          <dl class="facts-list">
            <dt>{say('till.state.hub')}</dt>
            <dd>
              <strong>{standing.hub}</strong>
              <span>{online ? say('till.state.hub.good') : say('till.state.hub.away')}</span>
            </dd>
            <dt>{say('till.state.cloud')}</dt>
            <dd>
              <strong>{standing.cloud}</strong>
              {link.upstreams.value.map(({ upstream, sold, sent, parked, problem }) => (
                <span key={upstream}>
                  {upstream}: {say('till.state.cloud.figures', { sold, sent, parked })}
                  {problem !== null && ` (${problem})`}
                </span>
              ))}
            </dd>
            <dt>{say('till.state.copy')}</dt>
            <dd>
              {say(`till.state.copy.${copy.state}`, {
                count: numberText(copy.products),
                time: copy.at === null ? '' : timeText(copy.at),
              })}
            </dd>
            <dt>{say('till.state.kept')}</dt>
            <dd>{say(`till.state.kept.${journal.durable.value}`)}</dd>
            <dt>{say('till.state.reload')}</dt>
            <dd>{reopens ? say('till.state.reload.yes') : say('till.state.reload.no')}</dd>
            <dt>{say('till.state.numbers')}</dt>
            <dd>{numberText(numbers.left.value)}</dd>
          </dl>
        </section>
        <section class="card">
          <ul class="works-list">
            {works.map((what) => (
              <li key={what}>
                <Badge tone="good" icon="ready">
                  {say('till.state.works')}
                </Badge>
                {say(`till.state.${what}`)}
              </li>
            ))}
            {not.map((what) => (
              <li key={what}>
                <Badge tone="wait" icon="waiting">
                  {say('till.state.works_not')}
                </Badge>
                {say(`till.state.${what}`)}
              </li>
            ))}
          </ul>
        </section>
      </div>
      <QueueList />
    </main>
  )
}
