/** The about page: which hub this is, how it is, and whose work it stands on. */
import type { JSX } from 'preact'
import { Badge } from '../../../parts/badge.tsx'
import { ageText, dateTimeText, numberText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useConsole } from '../../context.ts'
import '../../styles/box.css'
import { Card, CopyButton } from './bits.tsx'
import { shippedParts } from './shipped-parts.ts'

const statusWords = {
  ready: 'box.about.ready',
  degraded: 'box.about.degraded',
  starting: 'box.about.starting',
} as const

export function AboutView(): JSX.Element | null {
  const { clock, session, state } = useConsole()
  const hub = state.hub.value
  if (hub === undefined) return null
  const at = (path: string) => new URL(path, session.hub).href
  return (
    <div class="box-cards">
      <Card title={hub.name} name="hub">
        <p class="box-state">
          <Badge
            tone={hub.status === 'ready' ? 'good' : 'wait'}
            icon={hub.status === 'ready' ? 'ready' : 'faulty'}
          >
            {say(statusWords[hub.status])}
          </Badge>
        </p>
        {hub.reasons.length > 0 && (
          <ul class="box-steps">
            {hub.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        <dl class="facts">
          <dt>{say('box.about.version')}</dt>
          <dd>{hub.version}</dd>
          <dt>{say('box.about.id')}</dt>
          <dd>
            <code>{hub.hub}</code> <CopyButton text={hub.hub} what={say('box.about.id')} />
          </dd>
          <dt>{say('box.about.started')}</dt>
          <dd>
            {dateTimeText(hub.startedAt)} ({ageText(clock.now.value - Date.parse(hub.startedAt))})
          </dd>
          <dt>{say('box.about.clients')}</dt>
          <dd>{numberText(hub.clients)}</dd>
          <dt>{say('box.about.demo')}</dt>
          <dd>{say(hub.demo ? 'common.yes' : 'common.no')}</dd>
          <dt>{say('box.about.events')}</dt>
          <dd>
            {numberText(hub.seq)} <span class="hint">{hub.epoch}</span>
          </dd>
        </dl>
      </Card>
      <Card title={say('box.about.docs')} name="docs">
        <p class="hint">{say('box.about.docsText')}</p>
        <ul class="box-list">
          <li>
            <a href={at('api/v1/openapi.json')}>OpenAPI</a>
          </li>
          <li>
            <a href={at('api/v1/asyncapi.json')}>AsyncAPI</a>
          </li>
          <li>
            <a href={at('client.js')}>client.js</a>
          </li>
          <li>
            <a href={at('display/')}>{say('box.about.display')}</a>
          </li>
        </ul>
      </Card>
      <Card title={say('box.about.parts')} name="parts">
        <p class="hint">{say('box.about.partsText')}</p>
        <table class="box-table small">
          <thead>
            <tr>
              <th scope="col">{say('box.about.part')}</th>
              <th scope="col">{say('box.about.licence')}</th>
            </tr>
          </thead>
          <tbody>
            {shippedParts.map(([name, licence]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{licence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
    </div>
  )
}
