/** `tillbridge pair`: a token or a code for somebody who already owns the box, whether or not the hub runs. */
import { Access, accessLimits } from '../hub/access/access.ts'
import { systemClock } from '../hub/clock.ts'
import { newId } from '../hub/ids.ts'
import { HubError } from '../protocol/errors.ts'
import { roleSchema } from '../protocol/methods.ts'
import { dataOf, openBooks } from './box.ts'
import { type Command, exitCodes } from './run.ts'

export const pair: Command = {
  summary: 'Make a token for a till, a technician or a monitor',
  usage: '--role cashier|technician|monitor --name NAME [--code]',
  options: {
    role: { type: 'string', help: 'cashier, technician or monitor' },
    name: { type: 'string', help: 'what the client is called in lists' },
    code: { type: 'boolean', help: 'print a six-digit code for the pairing page instead of a token' },
  },
  async run({ options, print }) {
    const role = roleSchema.safeParse(options.role)
    if (!role.success)
      throw new HubError('params_invalid', {
        path: '--role',
        reason: 'is not cashier, technician or monitor',
      })
    const name = options.name
    if (typeof name !== 'string' || name.trim() === '' || name.length > 80)
      throw new HubError('params_invalid', { path: '--name', reason: 'is not 1 to 80 characters' })
    const store = await openBooks(dataOf(options))
    try {
      const access = new Access({ store, clock: systemClock, newId })
      if (options.code === true) {
        const { code, expiresAt } = await access.code(role.data, name, accessLimits.setUpCodeMsMax)
        print({ code, expiresAt }, `${code}  (until ${expiresAt})`)
      } else {
        const token = await access.issue(name.trim(), role.data)
        print({ token }, token)
      }
    } finally {
      await store.close()
    }
    return exitCodes.ok
  },
}
