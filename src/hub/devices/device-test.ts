/** The Test button: proves a device in the way that its class can be proved, and says in words what happened. */
import { errorText } from '../../protocol/errors.ts'
import type { Result } from '../../protocol/methods.ts'
import type { Receipt } from '../../protocol/receipt.ts'
import type { Caller } from '../api.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { DeviceUnit } from './device-unit.ts'

export async function testDevice(
  unit: DeviceUnit,
  tools: { jobs: Jobs; newId: () => string },
  caller: Caller,
): Promise<Result<'device.test'>> {
  if (unit.driver.class === 'printer') {
    const id = `test-${tools.newId()}`
    await tools.jobs.submit(
      { id, device: unit.id, kind: 'print', payload: { receipt: testTicket(unit) } },
      caller,
    )
    return { ok: true, message: 'A test ticket is on its way.', job: id }
  }
  const weighing = unit.online?.weighing
  if (weighing !== undefined) {
    try {
      const { weight, unit: weightUnit } = await weighing.read()
      return { ok: true, message: `The scale says ${weight} ${weightUnit}.` }
    } catch (error) {
      return { ok: false, message: errorText(error) }
    }
  }
  if (unit.driver.class === 'display' || unit.driver.class === 'drawer') {
    const id = `test-${tools.newId()}`
    const job =
      unit.driver.class === 'display'
        ? { kind: 'display.show' as const, payload: { lines: ['Tillbridge', unit.row.name.slice(0, 80)] } }
        : { kind: 'drawer.open' as const, payload: { reason: 'test' } }
    await tools.jobs.submit({ id, device: unit.id, ...job }, caller)
    const message =
      unit.driver.class === 'display' ? 'Look at the display: it shows its name.' : 'The drawer opens.'
    return { ok: true, message, job: id }
  }
  if (unit.online === undefined) return { ok: false, message: `${unit.row.name} is not connected.` }
  if (unit.driver.class === 'scanner')
    return { ok: true, message: 'It is connected. Scan something: the code shows on its card.' }
  return { ok: true, message: 'It is connected.' }
}

/** A ticket that shows what goes wrong in practice: accents, the euro, columns, a code to scan, the cut. */
function testTicket(unit: DeviceUnit): Receipt {
  return {
    blocks: [
      { type: 'text', text: 'Tillbridge', align: 'center', bold: true, size: 2 },
      { type: 'text', text: unit.row.name, align: 'center' },
      { type: 'rule' },
      { type: 'row', columns: [{ text: 'Profile' }, { text: unit.profile.name, align: 'right', flex: 2 }] },
      { type: 'row', columns: [{ text: 'Port' }, { text: unit.port, align: 'right', flex: 2 }] },
      { type: 'rule' },
      { type: 'text', text: 'Café · Žižkov · Größe · €' },
      { type: 'row', columns: [{ text: '1 x Espresso' }, { text: '2.50 €', align: 'right', width: 10 }] },
      { type: 'qr', data: 'https://example.com/test', align: 'center' },
      { type: 'text', text: 'This printer works.', align: 'center', bold: true },
      { type: 'cut' },
    ],
  }
}
