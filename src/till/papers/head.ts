/** What stands at the top and at the bottom of papers for customers: the shop, the customer, codes to scan. */
import type { Block } from '../../protocol/receipt.ts'
import type { Customer } from '../../protocol/till/catalogue.ts'
import { clean, cleanLines, gap, labelled, large, paperLimits, small, text } from './blocks.ts'
import type { Desk } from './desk.ts'

export function shopHead({ shop, register, words }: Desk): Block[] {
  const blocks: Block[] = []
  if (shop.logo !== undefined && shop.logo !== '') {
    blocks.push({ type: 'image', png: shop.logo, align: 'center' })
  }
  blocks.push(large(clean(shop.name)))
  const lines = shop.address.map(clean)
  if (shop.phone !== undefined) lines.push(`${words.phone} ${clean(shop.phone)}`)
  if (shop.website !== undefined) lines.push(clean(shop.website))
  if (shop.vat !== undefined) lines.push(`${words.vat} ${clean(shop.vat)}`)
  const shown = lines.filter((line) => line !== '').join('\n')
  if (shown !== '') blocks.push(text(shown, 'center'))
  if (register?.header !== undefined && register.header.trim() !== '') {
    blocks.push(text(cleanLines(register.header), 'center'))
  }
  blocks.push(gap)
  return blocks
}

/** Name of the customer; address and VAT number for an invoice. */
export function customerRows(customer: Customer | undefined, invoice: boolean, { words }: Desk): Block[] {
  const blocks: Block[] = []
  if (customer !== undefined) {
    blocks.push(...labelled(words.customer, clean(customer.name)))
    if (invoice) {
      const { street, zip, city, country, vat } = customer
      const lines = [street, [zip, city].filter((part) => part !== undefined).join(' '), country]
      if (vat !== undefined) lines.push(`${words.vat} ${vat}`)
      const shown = lines.flatMap((line) => (line === undefined || line.trim() === '' ? [] : [clean(line)]))
      if (shown.length > 0) blocks.push(text(shown.join('\n')))
    }
  }
  if (invoice) blocks.push(text(words.invoiceAsked))
  return blocks
}

/** Codes to scan: where the invoice is to be had, and the reference for a refund. */
export function codes(id: string, reference: string, { shop, words }: Desk): Block[] {
  if (shop.invoiceUrl === undefined) return [qr(reference)]
  const url = shop.invoiceUrl.replaceAll('{id}', encodeURIComponent(id))
  const blocks = [qr(url), small(words.scanInvoice, 'center')]
  if (reference.length <= paperLimits.barcodeCharsMax) {
    blocks.push({
      type: 'barcode',
      symbology: 'code128',
      data: reference,
      align: 'center',
      height: 50,
      text: false,
    })
  }
  return blocks
}

function qr(data: string): Block {
  // A long address in small dots is read better with less to correct.
  return {
    type: 'qr',
    data,
    align: 'center',
    module: data.length > 60 ? 4 : 5,
    errorCorrection: data.length > 100 ? 'L' : 'M',
  }
}

export function shopFoot({ register }: Desk): Block[] {
  const { footer } = register ?? {}
  if (footer === undefined || footer.trim() === '') return []
  return [gap, text(cleanLines(footer), 'center')]
}
