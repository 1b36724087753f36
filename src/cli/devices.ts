/** `tillbridge devices`: what the running hub has, and in which state. */
import { connectToHub, dataOf } from './box.ts'
import { type Command, exitCodes } from './run.ts'

export const devices: Command = {
  summary: 'List the devices of the running hub',
  usage: '',
  options: {},
  async run({ options, print }) {
    const client = await connectToHub(dataOf(options))
    try {
      const { devices: list } = await client.call('device.list', {})
      const rows = list.map(({ id, class: deviceClass, state, name, port, faults }) => [
        id,
        deviceClass,
        state,
        name,
        port,
        faults.map(({ code }) => code).join(', '),
      ])
      print(
        { devices: list },
        list.length === 0 ? 'No devices.' : table(['ID', 'CLASS', 'STATE', 'NAME', 'PORT', 'FAULTS'], rows),
      )
      return exitCodes.ok
    } finally {
      client.close()
    }
  },
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
