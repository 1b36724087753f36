/** Has keys and certificates made in a process that ends afterwards: a thread would leave its memory to the hub. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../clock.ts'
import type { CertificateAnswer, CertificateOrder } from './certificate-process.ts'
import { failed } from './failed.ts'
import { tlsLimits } from './tls-limits.ts'

/** Rejects with `certificate_failed`. */
export async function makeCertificate(order: CertificateOrder, clock: Clock): Promise<CertificateAnswer> {
  const child = fork(fileURLToPath(new URL('./certificate-process.ts', import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  let cancel = () => {}
  const answer = await new Promise<CertificateAnswer>((resolve) => {
    child.once('message', (message) => resolve(message as CertificateAnswer))
    child.once('error', (error) => resolve({ failed: error.message }))
    child.once('exit', (code, signal) => resolve({ failed: `its process ended with ${code ?? signal}` }))
    // Without file handles to spare there is no process, and `error` says so.
    child.send?.(order, () => {})
    cancel = clock.after(tlsLimits.workMsMax, () => {
      child.kill('SIGKILL')
      resolve({ failed: `it took longer than ${tlsLimits.workMsMax} ms` })
    })
  })
  cancel()
  if (answer.failed !== undefined) throw failed(answer.failed)
  return answer
}
