/** Other people's encoders doing the same receipt and the same picture, each by its own means. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { DocumentText } from './receipt-document.ts'

export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array
  readonly png: Uint8Array
}

export interface Peer {
  readonly name: string
  receipt(text: DocumentText): Uint8Array | string | Promise<Uint8Array | string>
  picture(picture: Picture): unknown | Promise<unknown>
}

const home = new URL('./peers/', import.meta.url)

/** Installs the peers into their own folder when they are not there. Nothing of them is compiled, shipped or loaded by the hub. */
async function install(): Promise<boolean> {
  if (existsSync(new URL('node_modules/receiptline/', home))) return true
  const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--no-package-lock']
  try {
    await promisify(execFile)('npm', ['install', ...flags], { cwd: home })
    return true
  } catch {
    return false
  }
}

/** Those that can be had; none when they cannot be installed. */
export async function loadPeers(): Promise<Peer[]> {
  if (!(await install())) return []
  const load = createRequire(new URL('package.json', home))
  const peers: Peer[] = []
  for (const make of [
    escpos,
    nodeEscpos,
    receiptPrinterEncoder('auto'),
    receiptPrinterEncoder('cp858'),
    thermal,
    receiptline,
  ]) {
    try {
      peers.push(make(load))
    } catch (error) {
      console.error(`a peer cannot be loaded: ${String(error).split('\n')[0]}`)
    }
  }
  return peers
}

// biome-ignore lint/suspicious/noExplicitAny: the peers have no types, or wrong ones
type Any = any

/** The two libraries with the same chained interface. */
function chained(
  name: string,
  create: (sink: Any) => Any,
  encode: (printer: Any) => void,
  image: (picture: Picture) => Any,
): Peer {
  const fresh = () => {
    let bytes = new Uint8Array()
    const sink = {
      open: (done: Any) => done?.(),
      write: (data: Uint8Array, done: Any) => {
        bytes = data as Uint8Array<ArrayBuffer>
        done?.()
        return sink
      },
      close: (done: Any) => done?.(),
    }
    return { printer: create(sink), bytes: () => bytes }
  }
  return {
    name,
    receipt(text) {
      const { printer, bytes } = fresh()
      encode(printer)
      printer.font('a').align('ct').style('b').text(text.head[0]).style('normal')
      for (const line of text.head.slice(1)) printer.text(line)
      printer.align('lt')
      for (const [product, quantity, price] of text.rows) {
        printer.tableCustom([
          { text: product, align: 'LEFT', width: 0.62 },
          { text: quantity, align: 'RIGHT', width: 0.13 },
          { text: price, align: 'RIGHT', width: 0.25 },
        ])
      }
      for (const line of text.foot) printer.text(line)
      printer.align('ct').barcode(text.ean.slice(0, 12), 'EAN13', { width: 2, height: 80 })
      printer.qrcode(text.url, 3, 'm', 6)
      printer.cut()
      printer.flush()
      return bytes()
    },
    picture(picture) {
      const { printer, bytes } = fresh()
      printer.raster(image(picture))
      printer.flush()
      return bytes()
    },
  }
}

function escpos(load: NodeJS.Require): Peer {
  const library: Any = load('escpos')
  return chained(
    'escpos 2.5.2',
    (sink) => new library.Printer(sink, { encoding: 'cp858', width: 48 }),
    (printer) => printer.encode('cp858'),
    ({ rgba, width, height }) => new library.Image({ data: rgba, shape: [width, height, 4] }),
  )
}

function nodeEscpos(load: NodeJS.Require): Peer {
  const library: Any = load('@node-escpos/core')
  return chained(
    '@node-escpos/core 0.6.0',
    (sink) => new library.Printer(sink, { encoding: 'cp858', width: 48 }),
    (printer) => printer.setCharacterCodeTable(19).encode('cp858'),
    ({ rgba, width, height }) => new library.Image({ data: rgba, shape: [width, height, 4] }),
  )
}

const receiptPrinterEncoder =
  (page: string) =>
  (load: NodeJS.Require): Peer => {
    const loaded: Any = load('@point-of-sale/receipt-printer-encoder')
    const Encoder = loaded.default ?? loaded
    const fresh = () =>
      new Encoder({ language: 'esc-pos', columns: 48, codepageMapping: 'epson', imageMode: 'raster' })
    return {
      name: `receipt-printer-encoder 4.0.1 ${page}`,
      receipt(text) {
        const encoder = fresh()
          .initialize()
          .codepage(page)
          .align('center')
          .bold(true)
          .line(text.head[0])
          .bold(false)
        for (const line of text.head.slice(1)) encoder.line(line)
        encoder.align('left').table(
          [
            { width: 32, align: 'left' },
            { width: 6, align: 'right' },
            { width: 10, align: 'right' },
          ],
          text.rows,
        )
        for (const line of text.foot) encoder.line(line)
        return encoder.align('center').barcode(text.ean, 'ean13', 80).qrcode(text.url).cut().encode()
      },
      picture: ({ rgba, width, height }) =>
        fresh().image({ data: rgba, width, height }, width, height, 'floydsteinberg').encode(),
    }
  }

function thermal(load: NodeJS.Require): Peer {
  const { ThermalPrinter, PrinterTypes, CharacterSet }: Any = load('node-thermal-printer')
  const fresh = () =>
    new ThermalPrinter({
      type: PrinterTypes.EPSON,
      interface: 'tcp://127.0.0.1:9',
      characterSet: CharacterSet.PC858_EURO,
      width: 48,
    })
  return {
    name: 'node-thermal-printer 4.6.1',
    receipt(text) {
      const printer = fresh()
      printer.alignCenter()
      printer.bold(true)
      printer.println(text.head[0])
      printer.bold(false)
      for (const line of text.head.slice(1)) printer.println(line)
      printer.alignLeft()
      for (const [product, quantity, price] of text.rows) {
        printer.tableCustom([
          { text: product, align: 'LEFT', cols: 32 },
          { text: quantity, align: 'RIGHT', cols: 6 },
          { text: price, align: 'RIGHT', cols: 10 },
        ])
      }
      for (const line of text.foot) printer.println(line)
      printer.alignCenter()
      printer.printBarcode(text.ean, 67, { height: 80, width: 2 })
      printer.printQR(text.url, { cellSize: 6 })
      printer.cut()
      return printer.getBuffer()
    },
    async picture({ png }) {
      const printer = fresh()
      await printer.printImageBuffer(Buffer.from(png))
      return printer.getBuffer()
    },
  }
}

function receiptline(load: NodeJS.Require): Peer {
  const library: Any = load('receiptline')
  const printer = { cpl: 48, encoding: 'multilingual', command: 'escpos' }
  return {
    name: 'receiptline 4.0.4',
    receipt(text) {
      const rows = text.rows.map(([product, quantity, price]) => `${product} | ${quantity} | ${price}`)
      const head = text.head.map((line, index) => (index === 0 ? `"${line}` : line))
      const document = [
        ...head,
        '{width:*,6,10; border:space}',
        ...rows,
        '{width:auto}',
        ...text.foot.map((line) => `|${line}|`),
        `{code:${text.ean}; option:ean,2,80,hri}`,
        `{code:${text.url.replaceAll(';', '\\;')}; option:qrcode,6,m}`,
        '=',
      ]
      return library.transform(document.join('\n'), printer) as string
    },
    async picture({ png }) {
      // The synchronous entry does not decode pictures; the stream does.
      const stream = library.createTransform(printer)
      stream.end(`{image:${Buffer.from(png).toString('base64')}}\n`)
      const parts: Uint8Array[] = []
      for await (const part of stream) parts.push(Buffer.from(part))
      return Buffer.concat(parts)
    },
  }
}
