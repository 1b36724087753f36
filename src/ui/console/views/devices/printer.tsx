/** A printer's face: its queue, its drawer, the sample receipt; for a demo printer also the paper and the hands. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Device } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { waitWord } from '../../../words/things.ts'
import { useActions, useConsole } from '../../context.ts'
import { sampleReceipt } from '../../sample.ts'
import { DemoBox, PlugButton } from './demo.tsx'
import { DrawerHand, DrawerState, ForcedWarning } from './drawer.tsx'
import { Paper } from './paper.tsx'
import { RecentJobs } from './recent-jobs.tsx'
import { TestButton } from './test-button.tsx'

export function PrinterFace({ device }: { device: Device }): JSX.Element {
  const { session, clock } = useConsole()
  const { attempt } = useActions()
  const sells = session.role.value !== 'monitor'
  const print = () =>
    attempt(() => session.submit(device.id, 'print', { receipt: sampleReceipt(clock.read()) }))
  const openDrawer = () => attempt(() => session.submit(device.id, 'drawer.open', { reason: 'no_sale' }))
  const face = (
    <div class="face">
      <div class="status-line">
        <QueueState device={device} />
        {device.capabilities.includes('drawer') && <DrawerState device={device} />}
      </div>
      <ForcedWarning device={device} />
      {sells && (
        <div class="actions grow">
          <Button size="big" look="main" icon="receipt" onPress={print}>
            {say('devices.printSample')}
          </Button>
          {device.capabilities.includes('drawer') && (
            <Button size="big" icon="drawer" onPress={openDrawer}>
              {say('devices.openDrawer')}
            </Button>
          )}
          <TestButton device={device} />
        </div>
      )}
    </div>
  )
  if (!device.demo) return face
  return (
    <div class="face-with-paper">
      {face}
      <Paper device={device} />
      <div class="face">
        <PrinterDemo device={device} />
        <RecentJobs device={device} />
      </div>
    </div>
  )
}

function QueueState({ device }: { device: Device }): JSX.Element {
  const { state } = useConsole()
  const { length, waitingFor } = state.queue(device.id)
  if (length === 0) return <Badge tone="plain">{say('devices.queueEmpty')}</Badge>
  if (waitingFor === undefined)
    return (
      <Badge tone="busy" icon="busy">
        {sayCount('devices.queue', length)}
      </Badge>
    )
  return (
    <Badge tone="wait" icon="waiting">
      {sayCount('devices.queueWaits', length, { reason: waitWord(waitingFor) })}
    </Badge>
  )
}

function PrinterDemo({ device }: { device: Device }): JSX.Element {
  const { order } = useActions()
  const silent = useSignal(false)
  const has = (code: string) => device.faults.some((fault) => fault.code === code)
  const paper = has('paper_out') ? 'out' : has('paper_low') ? 'low' : 'full'
  const coverOpen = has('cover_open')
  return (
    <DemoBox device={device}>
      <Segments
        label={say('devices.paperRoll')}
        value={paper}
        choices={[
          { value: 'full', text: say('devices.paperFull') },
          { value: 'low', text: say('devices.paperLow') },
          { value: 'out', text: say('devices.paperOut') },
        ]}
        onChoose={(next) => order(device.id, { order: 'paper', state: next })}
      />
      <div class="hands">
        <Button onPress={() => order(device.id, { order: 'cover', open: !coverOpen })}>
          {coverOpen ? say('devices.coverClose') : say('devices.coverOpen')}
        </Button>
        <DrawerHand device={device} />
        <Button onPress={() => order(device.id, { order: 'clear_paper' })}>{say('devices.tearOff')}</Button>
        <PlugButton device={device} />
        <Button
          pressed={silent.value}
          title={say('devices.silentHint')}
          onPress={async () => {
            silent.value = !silent.value
            await order(device.id, { order: 'silent', on: silent.value })
          }}
        >
          {say('devices.silent')}
        </Button>
      </div>
    </DemoBox>
  )
}
