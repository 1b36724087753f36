/** A receipt as points of sale of Odoo 18 send it: as dots in ePOS-Print, as a JPEG to a hardware proxy. */
import { readFileSync } from 'node:fs'

const recorded = (name: string): string =>
  readFileSync(new URL(`../../tests/fixtures/odoo-18/${name}`, import.meta.url), 'utf8')

export const eposReceipt = (): string => recorded('epos-receipt.request.xml')

/** The body of the request, 512 × 997 pixels in it. */
export function jpegReceipt(): string {
  const calls = JSON.parse(recorded('hw_proxy.capture.json')) as { body: string }[]
  const call = calls.find(({ body }) => body.includes('print_receipt'))
  if (call === undefined) throw new Error('no receipt was recorded')
  return call.body
}
