/** Makes one encrypted file of a folder, and the folder again of the file. Runs in a thread of its own, see pack-worker.ts. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { errorText, HubError } from '../../protocol/errors.ts'
import { restoredFolders, restoredNames } from './restore-steps.ts'
import { seal, unseal } from './seal.ts'
import { readTar, type TarEntry, writeTar } from './tar.ts'

export const packLimits = {
  manifestBytesMax: 1_000_000,
  filesMax: 5_000,
  /** Unpacked, all files together. */
  bytesMax: 8 * 1024 ** 3,
  nameCharsMax: 255,
  /** Folders within each other. */
  depthMax: 4,
} as const

const manifestName = 'manifest.json'
const manifestFormat = 1

const manifestSchema = z.object({
  format: z.int(),
  version: z.string(),
  hub: z.string(),
  name: z.string(),
  at: z.iso.datetime(),
  /** Version of the schema of the books. */
  schema: z.int(),
  files: z.array(z.object({ name: z.string(), size: z.int().min(0), sha256: z.string() })),
})
export type Manifest = z.infer<typeof manifestSchema>

export type PackOrder =
  | {
      /** Folder with the files, whose names are given. */
      folder: string
      names: readonly string[]
      about: Omit<Manifest, 'format' | 'files'>
      passphrase: string
      /** The file that is made. */
      to: string
    }
  | {
      /** The file to open. */
      file: string
      passphrase: string
      /** Folder for what is in it; without it the file is only proved. */
      to?: string
    }

export async function runPacking(order: PackOrder): Promise<Manifest> {
  if ('file' in order) return unpack(order)
  const manifest = await pack(order)
  // What cannot be read back is no backup.
  await unpack({ file: order.to, passphrase: order.passphrase })
  return manifest
}

type Packing = Extract<PackOrder, { folder: string }>
type Unpacking = Extract<PackOrder, { file: string }>

async function pack({ folder, names, about, passphrase, to }: Packing): Promise<Manifest> {
  const files: Manifest['files'] = []
  for (const name of names) {
    const hash = createHash('sha256')
    for await (const piece of createReadStream(join(folder, name))) hash.update(piece as Buffer)
    files.push({ name, size: (await stat(join(folder, name))).size, sha256: hash.digest('hex') })
  }
  const manifest: Manifest = { format: manifestFormat, ...about, files }
  const text = Buffer.from(JSON.stringify(manifest, undefined, 1))
  const entries: TarEntry[] = [
    { name: manifestName, size: text.length, content: [text] },
    ...files.map(({ name, size }) => ({ name, size, content: createLater(join(folder, name)) })),
  ]
  await pipeline(
    writeTar(entries, Date.parse(about.at)),
    createGzip({ level: 6 }),
    (source: AsyncIterable<Uint8Array>) => seal(source, passphrase),
    createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }),
  )
  return manifest
}

/** Opens the file when its turn has come: thousands at once are more than a process may have open. */
async function* createLater(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file)
}

async function unpack({ file, passphrase, to }: Unpacking): Promise<Manifest> {
  const gunzip = createGunzip()
  const feeding = pipeline(Readable.from(unseal(createReadStream(file), passphrase)), gunzip)
  // It fails through `gunzip` as well, which is read.
  feeding.catch(() => {})
  try {
    const manifest = await unpackEntries(readTar(gunzip), to)
    await feeding
    return manifest
  } catch (error) {
    gunzip.destroy()
    if (error instanceof HubError) throw error
    const { code } = error as { code?: string }
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new HubError('backup_invalid', { reason: errorText(error) }, error)
    if (code?.startsWith('Z_') === true)
      throw new HubError('backup_invalid', { reason: 'it is damaged or cut off' }, error)
    throw new HubError('store_unavailable', { reason: errorText(error) }, error)
  }
}

async function unpackEntries(entries: AsyncIterable<TarEntry>, to: string | undefined): Promise<Manifest> {
  let manifest: Manifest | undefined
  const missing = new Map<string, Manifest['files'][number]>()
  for await (const entry of entries) {
    if (manifest === undefined) {
      manifest = await readManifest(entry)
      for (const each of manifest.files) missing.set(each.name, each)
      continue
    }
    const expected = missing.get(entry.name)
    if (expected === undefined || expected.size !== entry.size)
      throw invalid(`${entry.name} is not on its list`)
    missing.delete(entry.name)
    const sum = to === undefined ? await sumOf(entry) : await write(entry, join(to, entry.name))
    if (sum !== expected.sha256) throw invalid(`${entry.name} is not as it was`)
  }
  if (manifest === undefined) throw invalid('it is empty')
  const [first] = missing.keys()
  if (first !== undefined) throw invalid(`${first} is missing`)
  return manifest
}

const invalid = (reason: string) => new HubError('backup_invalid', { reason })

async function readManifest({ name, size, content }: TarEntry): Promise<Manifest> {
  if (name !== manifestName || size > packLimits.manifestBytesMax)
    throw invalid('it has no list of its files')
  const parts: Uint8Array[] = []
  for await (const piece of content) parts.push(piece)
  let value: unknown
  try {
    value = JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch (error) {
    throw new HubError('backup_invalid', { reason: 'the list of its files is damaged' }, error)
  }
  const { format } = (value ?? {}) as { format?: unknown }
  if (typeof format === 'number' && format > manifestFormat)
    throw invalid('a newer version of the hub made it')
  const parsed = manifestSchema.safeParse(value)
  if (!parsed.success) throw invalid('the list of its files is damaged')
  const { files } = parsed.data
  if (files.length > packLimits.filesMax) throw invalid(`it has more than ${packLimits.filesMax} files`)
  if (files.reduce((sum, file) => sum + file.size, 0) > packLimits.bytesMax)
    throw invalid(`it is larger than ${packLimits.bytesMax} bytes`)
  const strange = files.find((file) => !isBackedUp(file.name))
  if (strange !== undefined) throw invalid(`${strange.name} is no file of a hub`)
  if (!files.some((file) => file.name === 'books.db')) throw invalid('it has no books')
  return parsed.data
}

/** What may be in a backup, by its path: nothing that could leave the folder that it is unpacked to. */
export function isBackedUp(path: string): boolean {
  const parts = path.split('/')
  const [top] = parts
  const sound = parts.every(
    (part) =>
      part !== '' &&
      part !== '.' &&
      part !== '..' &&
      part.length <= packLimits.nameCharsMax &&
      !/[\\\p{Cc}]/u.test(part),
  )
  if (!sound || parts.length > packLimits.depthMax) return false
  const folder = restoredFolders.some((name) => name === top)
  return folder ? parts.length > 1 : parts.length === 1 && restoredNames.some((name) => name === top)
}

async function sumOf({ content }: TarEntry): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of content) hash.update(piece)
  return hash.digest('hex')
}

/** Answers the SHA-256 of what is on the disk then. */
async function write({ content }: TarEntry, file: string): Promise<string> {
  const hash = createHash('sha256')
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(file, 'wx', 0o600)
  try {
    for await (const piece of content) {
      hash.update(piece)
      for (let from = 0; from < piece.length; )
        from += (await handle.write(piece, from, piece.length - from)).bytesWritten
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return hash.digest('hex')
}
