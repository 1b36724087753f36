/** Which ways from a web page elsewhere to the hub are open, browser by browser, and what is missing here. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Result } from '../../../../protocol/methods.ts'
import { Badge, type Tone } from '../../../parts/badge.tsx'
import { SelectField } from '../../../parts/field.tsx'
import type { IconName } from '../../../parts/icon.tsx'
import type { WordKey } from '../../../words/en.ts'
import { say } from '../../../words/say.ts'
import { Card } from './bits.tsx'
import type { OriginRecord } from './origins.tsx'

type Way = 'open' | 'asks' | 'shut' | 'unsure'

interface Row {
  title: WordKey
  hint: WordKey
  /** Chrome and Edge, Firefox, Safari. */
  browsers: readonly [Way, Way, Way]
}

/**
 * Measured with Chromium 156 (tests/e2e has the walls); Firefox and Safari by their documents: Local Network Access rolls
 * out in Firefox, and Safari takes a WebSocket without TLS from an https page for mixed content.
 */
const rows: readonly Row[] = [
  { title: 'box.reach.own', hint: 'box.reach.ownHint', browsers: ['open', 'open', 'open'] },
  { title: 'box.reach.wss', hint: 'box.reach.wssHint', browsers: ['asks', 'asks', 'open'] },
  { title: 'box.reach.ws', hint: 'box.reach.wsHint', browsers: ['asks', 'unsure', 'shut'] },
  { title: 'box.reach.plainPage', hint: 'box.reach.plainPageHint', browsers: ['shut', 'unsure', 'unsure'] },
]
const browserNames = ['Chrome, Edge', 'Firefox', 'Safari'] as const

const wayLooks: Readonly<Record<Way, { tone: Tone; icon: IconName; word: WordKey }>> = {
  open: { tone: 'good', icon: 'ready', word: 'box.reach.open' },
  asks: { tone: 'busy', icon: 'unknown', word: 'box.reach.asks' },
  shut: { tone: 'bad', icon: 'close', word: 'box.reach.shut' },
  unsure: { tone: 'off', icon: 'unknown', word: 'box.reach.unsure' },
}

interface ReachProps {
  network: Result<'network.info'>
  tls: Result<'tls.info'>
  origins: readonly OriginRecord[]
}

export function ReachCard(props: ReachProps): JSX.Element {
  const { network, origins } = props
  const chosen = useSignal('')
  const record = origins.find(({ origin }) => origin === chosen.value) ?? origins[0]
  return (
    <Card title={say('box.reach.title')} name="reach">
      <p class="hint">{say('box.reach.hint')}</p>
      {record !== undefined && (
        <SelectField
          label={say('box.reach.origin')}
          value={record.origin}
          choices={origins.map(({ origin }) => ({ value: origin, text: origin }))}
          onChange={(value) => {
            chosen.value = value
          }}
        />
      )}
      <Missing {...props} record={record} />
      <table class="box-table">
        <thead>
          <tr>
            <th scope="col">{say('box.reach.way')}</th>
            {browserNames.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.title}>
              <th scope="row">
                {say(row.title)}
                <span class="hint">{say(row.hint)}</span>
              </th>
              {row.browsers.map((way, index) => (
                <td key={browserNames[index]} data-browser={browserNames[index]}>
                  <WayBadge way={closed(row, network) ? 'shut' : way} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">{say('box.reach.asksHint')}</p>
    </Card>
  )
}

/** Ways that this hub has shut itself, whatever the browser thinks of them. */
function closed({ title }: Row, { httpsPort, tokensOver }: ReachProps['network']): boolean {
  if (title === 'box.reach.wss') return httpsPort === null
  return (title === 'box.reach.ws' || title === 'box.reach.plainPage') && tokensOver === 'https'
}

function WayBadge({ way }: { way: Way }): JSX.Element {
  const { icon, tone, word } = wayLooks[way]
  return (
    <Badge tone={tone} icon={icon}>
      {say(word)}
    </Badge>
  )
}

/** What a page of this origin still lacks here, each with its cure. */
function Missing({ network, record, tls }: ReachProps & { record: OriginRecord | undefined }): JSX.Element {
  const missing: WordKey[] = []
  if (!network.reachable) missing.push('box.reach.lacks.here')
  if (record === undefined) missing.push('box.reach.lacks.none')
  else if (record.state === 'seen') missing.push('box.reach.lacks.origin')
  if (network.httpsPort === null || tls.leaf === null) missing.push('box.reach.lacks.https')
  if (network.tokensOver === 'https') missing.push('box.reach.lacks.plain')
  if (tls.root !== null) missing.push('box.reach.lacks.root')
  return (
    <ul class="box-steps">
      {missing.map((key) => (
        <li key={key}>{say(key)}</li>
      ))}
    </ul>
  )
}
