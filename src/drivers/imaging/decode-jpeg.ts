/** JPEG to pixels by mozjpeg in WebAssembly. Loaded in the worker only: an idle hub does without. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import moduleFactory from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js'
import { errorText } from '../../protocol/errors.ts'
import type { Rgba } from './grey.ts'
import { imageInvalid } from './image-limits.ts'

type Decode = (bytes: Uint8Array) => { data: Uint8ClampedArray; width: number; height: number } | null

export class JpegDecoder {
  #decode: Promise<Decode> | undefined

  /** Rejects with HubError `image_invalid`. The caller has checked the size with `readImageHeader`. */
  async decode(bytes: Uint8Array, path: string): Promise<Rgba> {
    // libjpeg makes up what is missing; half a receipt is none.
    if (!endsWell(bytes)) throw imageInvalid(path, 'its end is missing')
    try {
      this.#decode ??= load()
      const image = (await this.#decode)(bytes)
      if (image === null) throw imageInvalid(path, 'it cannot be decoded')
      const { data, height, width } = image
      return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) }
    } catch (error) {
      // What has failed inside may be in any state.
      this.#decode = undefined
      throw imageInvalid(path, errorText(error), error)
    }
  }
}

async function load(): Promise<Decode> {
  const wasmBinary = await readFile(
    fileURLToPath(import.meta.resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm')),
  )
  const library = await moduleFactory({ noInitialRun: true, wasmBinary, print() {}, printErr() {} })
  return (bytes) => library.decode(bytes as Uint8Array<ArrayBuffer>, false)
}

/** The mark of the end (ITU-T T.81, B.2.1), with nothing behind it but what fills up. */
function endsWell(bytes: Uint8Array): boolean {
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x0a)) end--
  return end > 3 && bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9
}
