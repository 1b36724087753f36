/** The passphrase of a backup as a person types it, on a terminal of its own. Rules of docs/care.md. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, temporaryDir, tillbridge } from '../support/hub-process.ts'

const passphrase = 'correct horse bättery'
const question = 'Passphrase of the backup: '
const again = 'The same once more: '
const timeout = 30_000

/**
 * Runs a command as the leader of a new session on a pty. Of each step it waits for a text and types another one. Prints what the
 * terminal showed and how the command ended.
 */
const terminal = `
import json, os, pty, select, sys, termios, time
command, steps = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, ended = b'', False
def more(until):
    global shown, ended
    if not select.select([fd], [], [], max(0, until - time.monotonic()))[0]:
        raise SystemExit('nothing more came: ' + repr(shown))
    try:
        piece = os.read(fd, 4096)
    except OSError:
        piece = b''
    shown += piece
    ended = piece == b''
for wanted, typed in steps:
    seen, until = len(shown), time.monotonic() + 20
    while wanted.encode() not in shown[seen:] and not ended:
        more(until)
    if not ended:
        os.write(fd, typed.encode())
while not ended:
    more(time.monotonic() + 20)
_, status = os.waitpid(pid, 0)
print(json.dumps({'shown': shown.decode(), 'code': os.waitstatus_to_exitcode(status)}))
`

function onTerminal(
  args: readonly string[],
  steps: readonly (readonly [string, string])[],
): Promise<{ shown: string; code: number }> {
  const command = [join(root, 'bin', 'tillbridge.js'), ...args]
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`
  const env = { ...process.env, PATH: path, TILLBRIDGE_PASSPHRASE: '' }
  return new Promise((resolve, reject) => {
    execFile('python3', ['-c', terminal, JSON.stringify([command, steps])], { env }, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout) as { shown: string; code: number })
      else reject(error)
    })
  })
}

const data = temporaryDir()
const outside = temporaryDir()
const target = (name: string) => join(outside, name)
beforeAll(() => tillbridge(['pair', '--data', data, '--role', 'cashier', '--name', 'Till 1']), timeout)
afterAll(() => {
  for (const dir of [data, outside]) rmSync(dir, { recursive: true, force: true })
})

describe('the passphrase on a terminal', () => {
  it('[C15] is asked for twice for a backup, once for a restore, and not shown', { timeout }, async () => {
    const file = target('typed.tbk')
    const made = await onTerminal(
      ['backup', file, '--data', data],
      [
        [question, `${passphrase}\r`],
        [again, `${passphrase}\r`],
      ],
    )
    expect(made).toEqual({
      code: 0,
      shown: `${question}\r\n${again}\r\n${file}, ${Math.ceil(statSync(file).size / 1024)} KiB; keep the passphrase apart from it\r\n`,
    })
    // Corrected while it is typed.
    const restored = await onTerminal(
      ['restore', file, '--data', join(outside, 'box')],
      [[question, `${passphrase}xy\u007f\u007f\r`]],
    )
    expect(restored).toEqual({
      code: 0,
      shown: expect.stringMatching(/^Passphrase of the backup: \r\nTillbridge as of .* is in place\r\n$/),
    })
  })

  it('[C15] typed ahead counts, and stays hidden', { timeout }, async () => {
    const file = target('ahead.tbk')
    const { code, shown } = await onTerminal(
      ['backup', file, '--data', data],
      [[question, `${passphrase}\r${passphrase}\r`]],
    )
    expect([code, existsSync(file)]).toEqual([0, true])
    expect(shown).not.toContain('horse')
  })

  it.each([
    ['typed in two ways', 'was typed in two ways', [passphrase, '\r'], 'another passphrase\r'],
    ['Ctrl-C', 'was not given', ['half', '\u0003'], ''],
    ['Ctrl-D', 'was not given', ['', '\u0004'], ''],
    ['Ctrl-C at the second', 'was not given', [passphrase, '\r'], '\u0003'],
    ['too short', '10 to 200', ['short', '\r'], 'short\r'],
  ])('[C15] %s ends with an error and writes nothing', { timeout }, async (name, told, first, second) => {
    const file = target(`${name}.tbk`)
    const { code, shown } = await onTerminal(
      ['backup', file, '--data', data],
      [
        [question, first.join('')],
        [again, second],
      ],
    )
    expect(code).toBe(1)
    expect(shown).toContain(told)
    expect(shown).not.toContain(passphrase)
    expect(existsSync(file)).toBe(false)
    expect(readdirSync(data).filter((entry) => entry.startsWith('work-'))).toEqual([])
  })
})
