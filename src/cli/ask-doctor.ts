/** What the doctor finds, asked by a running hub: in a process of its own, for it reads files and asks programs that may not answer. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { HubError } from '../protocol/errors.ts'
import type { Finding } from './finding.ts'
import { root } from './version.ts'

export const askDoctorLimits = { answerMsMax: 30_000, answerBytesMax: 1_000_000 } as const

export function askDoctor(data: string, config: string | undefined): Promise<Finding[]> {
  const { answerBytesMax, answerMsMax } = askDoctorLimits
  const args = [join(root, 'bin', 'tillbridge.js'), 'doctor', '--json', '--data', data]
  if (config !== undefined) args.push('--config', config)
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { timeout: answerMsMax, maxBuffer: answerBytesMax },
      (error, stdout, stderr) => {
        try {
          // It ends with 1 when something is bad, which is no failure here.
          resolve((JSON.parse(stdout) as { findings: Finding[] }).findings)
        } catch (cause) {
          reject(new HubError('internal', { reason: `doctor: ${error?.message ?? ''} ${stderr}` }, cause))
        }
      },
    )
  })
}
