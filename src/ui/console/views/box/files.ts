/** Files between the browser and the hub: backups and bundles down with their progress, a backup up. */
import { HubError } from '../../../../protocol/errors.ts'
import { ownHeader, readHubError } from '../../../parts/http.ts'
import type { Session } from '../../session.ts'

export interface FetchedFile {
  content: Blob
  name: string
}

const headersOf = ({ token }: Pick<Session, 'token'>): Record<string, string> => ({
  ...ownHeader,
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
})

/** Asks for a file by POST. `progress` is told the bytes so far. Throws HubError. */
export async function fetchFile(
  session: Pick<Session, 'hub' | 'token'>,
  path: string,
  body: unknown,
  progress: (bytes: number) => void,
): Promise<FetchedFile> {
  try {
    const answer = await fetch(new URL(path, session.hub), {
      method: 'POST',
      cache: 'no-store',
      headers: { ...headersOf(session), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw readHubError(await answer.json().catch(() => undefined))
    return { content: await contentOf(answer, progress), name: nameOf(answer) }
  } catch (error) {
    throw error instanceof HubError ? error : new HubError('connection_lost', {}, error)
  }
}

async function contentOf(answer: Response, progress: (bytes: number) => void): Promise<Blob> {
  const reader = answer.body?.getReader()
  if (reader === undefined) return answer.blob()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(parts, { type: 'application/octet-stream' })
    parts.push(value)
    bytes += value.length
    progress(bytes)
  }
}

function nameOf(answer: Response): string {
  const header = answer.headers.get('content-disposition') ?? ''
  return /filename="?([^";]+)"?/.exec(header)?.[1] ?? 'tillbridge-file'
}

/** Sends a backup to be restored. `progress` is told which part of it has left, 0 to 1. Throws HubError. */
export function sendBackup(
  session: Pick<Session, 'hub' | 'token'>,
  file: File,
  passphrase: string,
  progress: (part: number) => void,
): Promise<void> {
  // fetch tells nothing of what has left so far.
  const request = new XMLHttpRequest()
  request.open('POST', new URL('api/v1/restore', session.hub))
  for (const [name, value] of Object.entries(headersOf(session))) request.setRequestHeader(name, value)
  request.setRequestHeader('content-type', 'application/octet-stream')
  request.setRequestHeader('tillbridge-passphrase', base64Url(passphrase))
  return new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total)
    request.onerror = () => reject(new HubError('connection_lost'))
    request.onload = () => {
      if (request.status < 300) resolve()
      else reject(readHubError(parsed(request.responseText)))
    }
    request.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** UTF-8 in base64url: a header takes no other letters. */
function base64Url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text))
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
