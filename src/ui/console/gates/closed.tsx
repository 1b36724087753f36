/** Pages before a console that cannot be opened here: the hub is away, or the connection may carry no secret. */
import type { JSX } from 'preact'
import { Icon } from '../../parts/icon.tsx'
import { say } from '../../words/say.ts'
import { useConsole } from '../context.ts'
import { GatePage } from './gate-page.tsx'

export function AwayGate(): JSX.Element {
  return (
    <GatePage title={say('shell.away.title')} icon="absent">
      <p class="lead" role="status">
        {say('shell.away.text')}
      </p>
      <p class="hint">{say('shell.away.todo')}</p>
    </GatePage>
  )
}

interface PlainGateProps {
  code: string | undefined
  setUpCode: string | undefined
}

/** Codes of the address go along, so that nobody has to type them again. */
export function PlainGate({ code, setUpCode }: PlainGateProps): JSX.Element {
  const { session } = useConsole()
  const secure = session.secureUrl.value
  const onward = code !== undefined ? `#code=${code}` : setUpCode !== undefined ? `#setup=${setUpCode}` : ''
  return (
    <GatePage title={say('shell.plain.title')} icon="lock">
      <p class="lead">{say('shell.plain.text')}</p>
      {secure === undefined ? (
        <p class="form-error">{say('shell.plain.none')}</p>
      ) : (
        <>
          <ol class="steps">
            <li>{say('shell.plain.first')}</li>
            <li>{say('shell.plain.second')}</li>
          </ol>
          <a class="button size-big" href={new URL('trust/', session.hub).href}>
            <Icon name="key" />
            <span>{say('shell.plain.trust')}</span>
          </a>
          <a class="button look-main size-big" href={withHash(secure, onward)}>
            <Icon name="lock" />
            <span>{say('shell.plain.go')}</span>
          </a>
          <p class="hint">{say('shell.plain.warning')}</p>
        </>
      )}
    </GatePage>
  )
}

function withHash(url: string, hash: string): string {
  const found = new URL(url)
  found.hash = hash
  return found.href
}
