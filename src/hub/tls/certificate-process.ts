/** The process that makes keys and certificates, one order a life. The root's key is in no other process's memory. */
import { join } from 'node:path'
import { errorText } from '../../protocol/errors.ts'
import { readKeyPair } from './certificate.ts'
import { type LeafWish, makeLeaf, makeRequest, makeRoot, type RootWish } from './certificate-work.ts'
import { failed, reasonOf } from './failed.ts'
import { leafFile, rootFile } from './file-names.ts'
import { readText, writeSecret } from './secret-file.ts'

export type CertificateOrder =
  | { make: 'root'; dir: string; wish: RootWish }
  | { make: 'leaf'; dir: string; wish: LeafWish }
  | { make: 'request'; names: readonly string[] }

export interface CertificateAnswer {
  /** PEM, of root and leaf. */
  cert?: string
  /** PEM, of leaf and request. */
  key?: string
  /** Base64url, of a request. */
  request?: string
  /** Why the leaf could not be kept; it is good all the same. */
  unsaved?: string
  failed?: string
}

async function work(order: CertificateOrder): Promise<CertificateAnswer> {
  switch (order.make) {
    case 'root': {
      const { cert, key } = await makeRoot(order.wish)
      await writeSecret(join(order.dir, rootFile), key + cert)
      return { cert }
    }
    case 'leaf': {
      const text = await readText(join(order.dir, rootFile))
      if (text === undefined) throw failed('the root is gone')
      const made = await makeLeaf(readKeyPair(text, text), order.wish)
      try {
        await writeSecret(join(order.dir, leafFile), made.key + made.cert)
        return made
      } catch (error) {
        return { ...made, unsaved: errorText(error) }
      }
    }
    case 'request':
      return makeRequest(order.names)
  }
}

const answer = (value: CertificateAnswer) => process.send?.(value, () => process.disconnect?.())

// A hub that is gone would get a root that its successor knows nothing of.
process.once('disconnect', () => process.exit())
process.once('message', (order: CertificateOrder) => {
  work(order).then(answer, (error: unknown) => answer({ failed: reasonOf(error) }))
})
