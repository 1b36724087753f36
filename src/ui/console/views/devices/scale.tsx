/** A scale's face: the weight as large as the card allows, and the keys of a scale. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Device, Weight } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { clockText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useActions, useConsole } from '../../context.ts'
import { DemoBox, PlugButton } from './demo.tsx'
import { TestButton } from './test-button.tsx'

export function ScaleFace({ device }: { device: Device }): JSX.Element {
  const { session, state } = useConsole()
  const { attempt, call } = useActions()
  const lastRead = useSignal<Weight | undefined>(undefined)
  const weight = state.live(device.id).weight.value
  useFirstWeight(device)
  const read = async () => {
    lastRead.value = undefined
    const fresh = await call('scale.read', { device: device.id })
    if (fresh === undefined) return
    lastRead.value = fresh
    state.live(device.id).weight.value = fresh
  }
  const job = (kind: 'scale.zero' | 'scale.tare') => attempt(() => session.submit(device.id, kind, {}))
  return (
    <div class="face">
      <WeightPanel weight={weight} />
      {lastRead.value !== undefined && (
        <p class="read-line" role="status">
          {say('devices.readAt', {
            weight: `${lastRead.value.weight} ${lastRead.value.unit}`,
            time: clockText(lastRead.value.at),
          })}
        </p>
      )}
      <div class="actions keys">
        <Button size="big" look="main" onPress={read}>
          {say('devices.read')}
        </Button>
        {session.role.value !== 'monitor' && (
          <>
            <Button size="big" onPress={() => job('scale.zero')}>
              {say('devices.zero')}
            </Button>
            <Button size="big" onPress={() => job('scale.tare')}>
              {say('devices.tare')}
            </Button>
          </>
        )}
        <TestButton device={device} />
      </div>
      {device.demo && <ScaleDemo device={device} />}
    </div>
  )
}

/** A scale tells of changes only: what lies on it already must be asked for. */
function useFirstWeight(device: Device): void {
  const { session, state } = useConsole()
  const { weight } = state.live(device.id)
  const wanted = session.link.value === 'online' && device.state === 'ready' && weight.value === undefined
  useEffect(() => {
    if (!wanted) return
    session.call('scale.read', { device: device.id }).then(
      (first) => {
        weight.value ??= first
      },
      // Moving or out of range: the next change tells.
      () => undefined,
    )
  }, [wanted, device.id, session, weight])
}

function WeightPanel({ weight }: { weight: Weight | undefined }): JSX.Element {
  return (
    <div class={`weight${weight?.stable === false ? ' weight-moving' : ''}`}>
      <div class="weight-flags">
        {weight === undefined && <Badge tone="off">{say('devices.noWeight')}</Badge>}
        {weight?.stable === true && (
          <Badge tone="good" icon="ready">
            {say('devices.stable')}
          </Badge>
        )}
        {weight?.stable === false && (
          <Badge tone="wait" icon="connecting">
            {say('devices.moving')}
          </Badge>
        )}
        {weight?.zero === true && <Badge tone="plain">{say('devices.atZero')}</Badge>}
        {weight?.tare === true && <Badge tone="busy">{say('devices.net')}</Badge>}
      </div>
      <p class="weight-value">
        <span data-weight={weight?.weight}>{weight?.weight ?? '– –'}</span>
        <small>{weight?.unit ?? 'kg'}</small>
      </p>
      {weight !== undefined && <Price weight={weight} />}
    </div>
  )
}

/** What a scale that computes prices made of the weight. */
function Price({ weight }: { weight: Weight }): JSX.Element | null {
  const { total, unit, unitPrice } = weight
  if (unitPrice === undefined && total === undefined) return null
  return (
    <p class="weight-price">
      {unitPrice !== undefined && <span>{say('devices.pricePer', { price: unitPrice, unit: unit })}</span>}
      {total !== undefined && <strong data-total={total}>{total}</strong>}
    </p>
  )
}

const presetsGrams = [0, 250, 1_235, 5_000] as const
const sliderMaxGrams = 15_000
const sliderStepGrams = 5

function gramsText(grams: number): string {
  return grams < 1_000 ? `${grams} g` : `${grams / 1_000} kg`
}

function gramsOf(weight: Weight | undefined): number {
  return weight?.unit === 'kg' ? Math.round(Number(weight.weight) * 1_000) : 0
}

function ScaleDemo({ device }: { device: Device }): JSX.Element {
  const { state } = useConsole()
  const { order } = useActions()
  /** undefined until a hand was on the slider. */
  const grams = useSignal<number | undefined>(undefined)
  const shown = grams.value ?? gramsOf(state.live(device.id).weight.value)
  const motion = useSignal(false)
  const sliderId = useId()
  const sending = useRef(false)
  /** One order at a time; the newest value wins. */
  const load = async (next: number) => {
    grams.value = next
    if (sending.current) return
    sending.current = true
    let sent: number | undefined
    while (grams.value !== undefined && sent !== grams.value) {
      sent = grams.value
      if ((await order(device.id, { order: 'load', grams: sent })) === undefined) break
    }
    sending.current = false
  }
  return (
    <DemoBox device={device}>
      <div class="slider">
        <label class="label" for={sliderId}>
          {say('devices.load')} <strong>{gramsText(shown)}</strong>
        </label>
        <input
          id={sliderId}
          type="range"
          min={0}
          max={sliderMaxGrams}
          step={sliderStepGrams}
          value={shown}
          aria-valuetext={gramsText(shown)}
          onInput={(event) => void load(event.currentTarget.valueAsNumber)}
        />
      </div>
      <div class="hands">
        {presetsGrams.map((preset) => (
          <Button key={preset} onPress={() => load(preset)}>
            {gramsText(preset)}
          </Button>
        ))}
        <Button
          pressed={motion.value}
          onPress={async () => {
            motion.value = !motion.value
            await order(device.id, { order: 'motion', on: motion.value })
          }}
        >
          {say('devices.shake')}
        </Button>
        <PlugButton device={device} />
      </div>
    </DemoBox>
  )
}
