/** A scanner's face: the last code in large letters with what it means, and the ones before. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Device } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Fact } from '../../../parts/fact.tsx'
import { TextField } from '../../../parts/field.tsx'
import { clockText } from '../../../parts/time.ts'
import { gs1Text, gs1Word, visible } from '../../../words/gs1.ts'
import { say, sayCount } from '../../../words/say.ts'
import { useActions, useConsole } from '../../context.ts'
import type { SeenScan } from '../../state.ts'
import { DemoBox, PlugButton } from './demo.tsx'
import { TestButton } from './test-button.tsx'

const earlierShown = 5

export function ScannerFace({ device }: { device: Device }): JSX.Element {
  const { state } = useConsole()
  const live = state.live(device.id)
  const [last, ...earlier] = live.scans.value
  return (
    <div class="face">
      <div class="scan-panel" aria-live="polite">
        {last === undefined ? (
          <p class="scan-none">{say('devices.scanNone')}</p>
        ) : (
          <LastScan key={last.seq} scan={last} count={live.scanCount.value} />
        )}
      </div>
      {earlier.length > 0 && (
        <ol class="scans" aria-label={say('devices.scansEarlier')}>
          {earlier.slice(0, earlierShown).map((scan) => (
            <li key={scan.seq}>
              <code>{visible(scan.code)}</code>
              <span>{scan.symbology}</span>
              <time dateTime={scan.at}>{clockText(scan.at)}</time>
            </li>
          ))}
        </ol>
      )}
      <div class="actions grow">
        <TestButton device={device} />
      </div>
      {device.demo && <ScannerDemo device={device} />}
    </div>
  )
}

function LastScan({ scan, count }: { scan: SeenScan; count: number }): JSX.Element {
  const fields = [
    ...itemFields(scan),
    ...Object.entries(scan.gs1 ?? {}).map(([id, value]) => [gs1Word(id), gs1Text(id, value)] as const),
  ]
  return (
    <>
      <div class="status-line">
        <Badge tone="good" icon="scanner">
          {scan.symbology ?? say('devices.scanCode')}
        </Badge>
        <span class="scan-when">
          {clockText(scan.at)}, {sayCount('devices.scans', count)}
        </span>
      </div>
      <p class="scan-code">{visible(scan.code)}</p>
      {fields.length > 0 && (
        <dl class="facts">
          {fields.map(([name, value]) => (
            <Fact key={name} name={name}>
              <code>{value}</code>
            </Fact>
          ))}
        </dl>
      )}
    </>
  )
}

/** What a code with a weight or a price inside stands for. */
function itemFields({ item }: SeenScan): (readonly [string, string])[] {
  if (item === undefined) return []
  const found: readonly (readonly [string, string | undefined])[] = [
    [say('devices.itemRule'), item.rule],
    [say('devices.itemArticle'), item.key],
    [
      say('devices.itemWeight'),
      item.weight === undefined ? undefined : `${item.weight} ${item.unit ?? ''}`.trim(),
    ],
    [say('devices.itemPrice'), item.price],
    [say('devices.itemQuantity'), item.quantity],
    [say('devices.itemDiscount'), item.discount === undefined ? undefined : `${item.discount} %`],
  ]
  return found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}

interface Sample {
  /** As the field calls it: the same in every language. */
  word: string
  code: string
  /** AIM identifier as the scanner sends it. */
  aim: string
}

/** Ends a GS1 field of variable length (FNC1 as scanners send it). */
const groupSeparator = '\u001d'

const samples: readonly Sample[] = [
  { word: 'EAN-13', code: '4006381333931', aim: ']E0' },
  { word: 'EAN-13 kg', code: '2123450012350', aim: ']E0' },
  { word: 'GS1-128', code: `010400638133393110LOT7${groupSeparator}3103001750`, aim: ']C1' },
  { word: 'GS1 DataMatrix', code: `01040063813339311727123121SN0042`, aim: ']d2' },
  { word: 'QR', code: 'https://example.com/r/1', aim: ']Q1' },
]

function ScannerDemo({ device }: { device: Device }): JSX.Element {
  const { order } = useActions()
  const code = useSignal('4006381333931')
  const scan = (text: string, aim?: string) =>
    order(device.id, { order: 'scan', code: text, ...(aim === undefined ? {} : { aim }) })
  return (
    <DemoBox device={device}>
      <form
        class="field-and-button"
        onSubmit={(event) => {
          event.preventDefault()
          if (code.value !== '') void scan(code.value)
        }}
      >
        <TextField
          label={say('devices.codeInFront')}
          kind="code"
          maxLength={500}
          value={code.value}
          onInput={(value) => {
            code.value = value
          }}
        />
        <button type="submit" class="button look-main" disabled={code.value === ''}>
          {say('devices.scan')}
        </button>
      </form>
      <div class="hands">
        {samples.map((sample) => (
          <Button key={sample.word} onPress={() => scan(sample.code, sample.aim)}>
            {sample.word}
          </Button>
        ))}
        <PlugButton device={device} />
      </div>
    </DemoBox>
  )
}
