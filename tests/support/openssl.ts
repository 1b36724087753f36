/** Keys and certificates made by openssl, for tests that need a root of their own: our code has no part in them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  /** PEM. */
  cert: string
  key: string
  /** The certificate as a file. */
  file: string
}

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
export const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export class TestRoot {
  readonly #dir: string

  /** Makes a root in a folder that the caller removes. */
  constructor(dir: string) {
    this.#dir = dir
    mkdirSync(dir, { recursive: true })
    const [key, cert] = [join(dir, 'root.key'), join(dir, 'root.pem')]
    openssl('req', '-x509', ...newKey, '-keyout', key, '-out', cert, '-days', '3', '-subj', '/CN=Test root')
  }

  get file(): string {
    return join(this.#dir, 'root.pem')
  }

  /** A certificate for the names (`DNS:pos.example`, `IP:127.0.0.1`) below the root. */
  issue(...names: string[]): Certificate {
    const path = (end: string) => join(this.#dir, `leaf.${end}`)
    openssl('req', ...newKey, '-keyout', path('key'), '-out', path('csr'), '-subj', '/CN=leaf')
    writeFileSync(path('ext'), `subjectAltName=${names.join(',')}`)
    const by = ['-CA', this.file, '-CAkey', join(this.#dir, 'root.key'), '-CAcreateserial']
    openssl(
      'x509',
      ...['-req', '-in', path('csr'), ...by, '-days', '2', '-extfile', path('ext'), '-out', path('pem')],
    )
    return {
      cert: readFileSync(path('pem'), 'utf8'),
      key: readFileSync(path('key'), 'utf8'),
      file: path('pem'),
    }
  }
}
