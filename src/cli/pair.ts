/** `tillbridge pair`: a token or a code for somebody who already owns the box, whether or not the hub runs. */
import { codeLimits } from '../hub/access/codes.ts'
import { accessNumbers, clientNameSchema, pairRoleSchema } from '../protocol/access.ts'
import { deviceIdSchema } from '../protocol/device.ts'
import { HubError } from '../protocol/errors.ts'
import { atTheBox, dataOf } from './box.ts'
import { type Command, exitCodes } from './run.ts'

export const pair: Command = {
  summary: 'Make a token for a till, a technician or a monitor',
  usage: '--role cashier|technician|monitor --name NAME [--device ID]… [--code]',
  options: {
    role: { type: 'string', help: 'cashier, technician or monitor' },
    name: { type: 'string', help: 'what the client is called in lists' },
    device: { type: 'string', multiple: true, help: 'only this device; may be given more than once' },
    code: { type: 'boolean', help: 'print a six-digit code for the pairing page instead of a token' },
  },
  async run({ options, lists, print }) {
    const role = pairRoleSchema.safeParse(options.role)
    if (!role.success)
      throw new HubError('params_invalid', {
        path: '--role',
        reason: 'is not cashier, technician or monitor',
      })
    const name = clientNameSchema.safeParse(options.name)
    if (!name.success)
      throw new HubError('params_invalid', { path: '--name', reason: 'is not 1 to 80 characters' })
    const client = { role: role.data, name: name.data, devices: devicesOf(lists.device ?? []) }
    await atTheBox(dataOf(options), async ({ audit, codes, tokens }) => {
      if (options.code === true) {
        const { code, expiresAt } = await audit('pair.code', client, () =>
          codes.make(client, codeLimits.boxMs),
        )
        print({ code, expiresAt }, `${code}  (until ${expiresAt})`)
      } else {
        const token = await audit('pair', client, () => tokens.issue(client))
        print({ token }, token)
      }
    })
    return exitCodes.ok
  },
}

function devicesOf(device: readonly string[]): string[] | undefined {
  if (device.length === 0) return undefined
  const { devicesMax } = accessNumbers
  if (device.length > devicesMax)
    throw new HubError('params_invalid', { path: '--device', reason: `more than ${devicesMax} are given` })
  for (const id of device)
    if (!deviceIdSchema.safeParse(id).success)
      throw new HubError('params_invalid', { path: '--device', reason: `${id} is not the id of a device` })
  return [...new Set(device)]
}
