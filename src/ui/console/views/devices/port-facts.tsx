/** The folded facts of a port: its address, what names it across reboots, and what the thing says of itself. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { PortRecord } from '../../../../protocol/device.ts'
import { Fact } from '../../../parts/fact.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { detailWord } from '../../../words/things.ts'

interface PortFactsProps {
  port: PortRecord
  title: string
  source: string
}

export function PortFacts({ port, title, source }: PortFactsProps): JSX.Element {
  const open = useSignal(false)
  const facts: readonly (readonly [string, string])[] = [
    [say('devices.address'), port.url],
    [say('devices.knownBy'), port.fingerprint],
    ...Object.entries(port.details ?? {}).map(([key, value]) => [detailWord(key), value] as const),
  ]
  return (
    <details
      class="fold"
      onToggle={(event) => {
        open.value = event.currentTarget.open
      }}
    >
      <summary>
        <Icon name="chevron" />
        <span>
          {title}
          <span class="hidden-text">, {port.label}</span>
        </span>
      </summary>
      {open.value && (
        <div class="fold-body">
          <dl class="facts">
            <dt>{say('devices.foundHow')}</dt>
            <dd>{source}</dd>
            {facts.map(([name, value]) => (
              <Fact key={name} name={name}>
                <code>{value}</code>
              </Fact>
            ))}
          </dl>
        </div>
      )}
    </details>
  )
}
