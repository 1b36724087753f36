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
import { systemClock } from '../../../src/hub/clock.ts'
import { newAttempt, newTold, openDriver } from '../../support/driver-bench.ts'
import { noIppPrinterHere, startIppPrinter } from '../../support/ipp-printer.ts'
import { codesIn, ean, everything, sharedImaging, url } from '../labels/support.ts'

const imaging = sharedImaging()
const driver = createIppDriver({ imaging }) as unknown as Driver<never>

it('[IPP21] ippeveprinter prints a receipt: confirmed, and zbar reads its codes off the paper', {
  timeout: 90_000,
}, async ({ skip }) => {
  const reason = noIppPrinterHere()
  if (reason !== undefined) skip(reason)
  const printer = await startIppPrinter()
  onTestFinished(() => printer.stop())
  const first = await opened(printer.url)
  expect(first.details).toMatchObject({ model: 'Tillbridge Test', pdf: true, pwgRaster: true })
  const prepared = await first.printing.prepare({ receipt: everything }, 'receipt-1')
  const evidence = first.printing.evidence!(prepared)
  const result = await first.printing.print(prepared, newAttempt('receipt-1'))
  expect(result).toMatchObject({ state: 'done', outcome: { confirmed: true } })
  expect(first.transport.bytesWritten).toBeGreaterThan(1_000)
  const pdfs = [...printer.documents()].filter(([name]) => name.endsWith('.pdf')).map(([, bytes]) => bytes)
  expect(pdfs).toHaveLength(1)
  expect(codesOf(pdfs[0]!)).toEqual(expect.arrayContaining([`EAN-13:${ean}`, `QR-Code:${url}`]))
  // As after a lost link: another connection knows the job by our name only.
  const second = await opened(printer.url)
  expect(evidence).toMatch(/^ipp urn:uuid:/)
  expect(await second.printing.inquire!('receipt-1', evidence!)).toBe('done')
  expect(await second.printing.inquire!('never-sent', evidence!)).toBeUndefined()
})

async function opened(port: string) {
  const transport = await openIpp(parsePortUrl(port), systemClock)
  const told = newTold()
  const device = openDriver(driver, transport, systemClock, { told })
  onTestFinished(async () => {
    await device.stop()
    await transport.close()
  })
  await device.start()
  return { transport, details: told.details, printing: device.printing! }
}

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
