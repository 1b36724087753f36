/** The driver against somebody else's printer, CUPS' ippeveprinter, over a real socket: what it got is what the receipt says. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Driver } from '../../../src/drivers/driver.ts'
import { createIppDriver } from '../../../src/drivers/printers/ipp/driver.ts'
import { openIpp } from '../../../src/drivers/transports/ipp.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { ippPrinterHere, startIppPrinter } from '../../support/ipp-printer.ts'
import { codesIn, ean, everything, sharedImaging, url } from '../labels/support.ts'

const imaging = sharedImaging()
const driver = createIppDriver({ imaging }) as unknown as Driver<never>
const clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(ms: number, callback: () => void) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** CI installs what it takes; elsewhere it needs root and four packages. */
const runs = process.env.CI === 'true' || ippPrinterHere

it.skipIf(!runs)(
  '[IPP21] ippeveprinter prints a receipt: confirmed, and zbar reads its codes off the paper',
  { timeout: 90_000 },
  async () => {
    const printer = await startIppPrinter()
    onTestFinished(() => printer.stop())
    const transport = await openIpp(parsePortUrl(printer.url), clock)
    const details: Record<string, unknown> = {}
    const device = driver.open({
      transport,
      profile: {
        id: 'test',
        driver: 'ipp',
        name: 'Test',
        maker: 'Test',
        settings: {},
        quirks: [],
        sources: [],
      },
      settings: driver.settings.parse({}) as never,
      clock,
      log: { debug() {}, info() {}, warn() {} },
      listener: {
        faults() {},
        details: (more) => Object.assign(details, more),
        scan() {},
        drawer() {},
        weight() {},
      },
      device: 'printer-1',
      newId: () => 'id',
    })
    onTestFinished(async () => {
      await device.stop()
      await transport.close()
    })
    await device.start()
    expect(details).toMatchObject({ model: 'Tillbridge Test', pdf: true, pwgRaster: true })
    const printing = device.printing!
    const attempt = (jobId: string) => ({
      jobId,
      sending() {},
      waiting() {},
      signal: new AbortController().signal,
    })
    const result = await printing.print(
      await printing.prepare({ receipt: everything }, 'receipt-1'),
      attempt('receipt-1'),
    )
    expect(result).toMatchObject({ state: 'done', outcome: { confirmed: true } })
    expect(transport.bytesWritten).toBeGreaterThan(1_000)
    const [pdf] = [...printer.documents()].filter(([name]) => name.endsWith('.pdf')).map(([, bytes]) => bytes)
    expect(codesOf(pdf!)).toEqual(expect.arrayContaining([`EAN-13:${ean}`, `QR-Code:${url}`]))
    // As after a lost link: the printer knows the job by our name.
    const evidence = printing.evidence!({ bytes: 1 })
    if (evidence !== undefined) expect(await printing.inquire!('receipt-1', evidence)).toBe('done')
  },
)

function codesOf(pdf: Buffer): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'spool-'))
  try {
    writeFileSync(join(folder, 'job.pdf'), pdf)
    execFileSync('pdftoppm', ['-r', '300', '-png', join(folder, 'job.pdf'), join(folder, 'page')])
    const pages = readdirSync(folder).filter((name) => name.endsWith('.png'))
    return pages.flatMap((name) => codesIn(readFileSync(join(folder, name))))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
