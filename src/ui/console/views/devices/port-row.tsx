/** One port in a list: what it is in plain words, what is wrong with it, and what can be done with it. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { PortRecord } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { Progress } from '../../../parts/progress.tsx'
import { say } from '../../../words/say.ts'
import { sourceWord, thingWords } from '../../../words/things.ts'
import { useActions, useConsole } from '../../context.ts'
import { PortFacts } from './port-facts.tsx'

/** The hub asks for up to 20 s; the answer needs a moment on top. */
export const probeTimes = { askedMsMax: 20_000, answerMsMax: 25_000 } as const

/** Asks a port what is there, for as long as that takes, and takes the answer into the list. */
export function useProbe(): (port: string) => Promise<PortRecord | undefined> {
  const { state, session } = useConsole()
  const { attempt } = useActions()
  return async (port) => {
    const found = await attempt(() =>
      session.call('port.probe', { port }, { timeoutMs: probeTimes.answerMsMax }),
    )
    if (found !== undefined && state.ports.peek().some(({ url }) => url === found.url)) state.putPort(found)
    return found
  }
}

interface PortRowProps {
  port: PortRecord
  onAdd: () => void
}

export function PortRow({ port, onAdd }: PortRowProps): JSX.Element {
  const { state, clock } = useConsole()
  const probe = useProbe()
  const asking = useSignal(false)
  const nobody = useSignal(false)
  const ask = async () => {
    asking.value = true
    nobody.value = false
    const found = await probe(port.url)
    nobody.value = found !== undefined && found.suggestion === null
    asking.value = false
  }
  return (
    <li class="row port" data-port={port.url}>
      <Icon name={port.suggestion?.class ?? 'plug'} size={26} />
      <div class="row-text">
        <p>
          <strong>{port.label}</strong>
        </p>
        <p class="row-sub">
          <PortWords port={port} />, {sourceWord(port.source)}
        </p>
      </div>
      {port.device === null ? (
        <div class="actions">
          <Button icon="search" disabled={asking.value} onPress={ask}>
            {say('devices.ask')}
          </Button>
          <Button icon="add" look={port.suggestion === null ? 'plain' : 'main'} onPress={onAdd}>
            {say('devices.add')}
          </Button>
        </div>
      ) : (
        <Badge tone="good" icon="ready">
          {state.nameOf(port.device)}
        </Badge>
      )}
      {port.trouble !== undefined && <p class="trouble">{port.trouble}</p>}
      {asking.value && <Progress clock={clock} text={say('devices.asking')} msMax={probeTimes.askedMsMax} />}
      {nobody.value && (
        <p class="trouble" role="status">
          {say('devices.nobody')}
        </p>
      )}
      <PortFacts port={port} title={say('devices.idsAndDetails')} source={sourceWord(port.source)} />
    </li>
  )
}

function PortWords({ port }: { port: PortRecord }): JSX.Element {
  const { state } = useConsole()
  const { suggestion } = port
  if (suggestion === null)
    return <>{port.device === null ? say('devices.notKnownWhat') : say('devices.inUse')}</>
  const drivers = state.drivers.value
  if (suggestion.sure) return <>{thingWords(suggestion, drivers)}</>
  return <>{say('devices.looksLike', { thing: thingWords(suggestion, drivers) })}</>
}
