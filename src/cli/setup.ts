/** `tillbridge setup`: a new set-up code, for the first owner or for one who has lost the password. */
import { HubError } from '../protocol/errors.ts'
import { atTheBox, dataOf } from './box.ts'
import { type Command, exitCodes } from './run.ts'
import { runningUrl } from './run-file.ts'

export const setup: Command = {
  summary: 'Make a new set-up code for the owner of the box',
  usage: '[--reset]',
  options: {
    reset: { type: 'boolean', help: 'although there is an owner: sets a new password, or adds an owner' },
  },
  async run({ options, print }) {
    const data = dataOf(options)
    await atTheBox(data, async ({ audit, setUp }) => {
      if (!(await setUp.load()) && options.reset !== true) throw new HubError('setup_done')
      const code = await audit('setup.code', { reset: options.reset === true }, () => setUp.newCode())
      const running = runningUrl(data)
      const url = running === undefined ? undefined : `${running}/#setup=${code}`
      print(
        { code, setup: url },
        url === undefined ? `${code}  (start the hub and open its console)` : `set up this hub: ${url}`,
      )
    })
    return exitCodes.ok
  },
}
