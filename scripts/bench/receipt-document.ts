/** The receipt that the encoders are measured with: 40 lines, accents, a euro sign, a table of three columns, EAN and QR. */
import type { Block, Receipt } from '../../src/protocol/receipt.ts'

export interface DocumentText {
  readonly head: readonly string[]
  /** Name, quantity, price. */
  readonly rows: readonly (readonly [string, string, string])[]
  readonly foot: readonly string[]
  readonly ean: string
  readonly url: string
}

/** Varies with `seed`, so that nobody measures a cache. */
export function documentText(seed: number): DocumentText {
  const rows: [string, string, string][] = []
  for (let index = 0; index < 22; index++) {
    const price = `${((seed * 37 + index * 113) % 9_000) / 100 + 1}`.slice(0, 5)
    rows.push([`Crème brûlée à l’orange ${seed % 1_000}-${index}`, `${(index % 9) + 1} ×`, `${price} €`])
  }
  return {
    head: [
      'Café “Größe” Zürich',
      'Rue de l’Église 12, 75001 Orléans',
      'TVA FR12345678901',
      'Tél. +33 1 23 45 67 89',
      `Ticket n° ${seed}`,
      'Servi par: Zoë Núñez',
      '',
      'Qté et prix en €',
    ],
    rows,
    foot: [
      'Sous-total: 123,45 €',
      'TVA 5,5 %: 6,44 €',
      'TVA 20 %: 9,90 €',
      'TOTAL: 139,79 €',
      'Payé par carte: 139,79 €',
      '',
      'Merci de votre visite, à bientôt!',
      'Échanges sous 30 jours avec ce ticket.',
      'Ouvert du mardi au dimanche',
      '',
    ],
    ean: '4006381333931',
    url: `https://shop.example/r/${seed}?t=139.79`,
  }
}

export function receiptDocument(text: DocumentText): Receipt {
  const blocks: Block[] = []
  for (const [index, line] of text.head.entries()) {
    blocks.push({ type: 'text', text: line, align: 'center', ...(index === 0 ? { bold: true } : {}) })
  }
  for (const [name, quantity, price] of text.rows) {
    blocks.push({
      type: 'row',
      columns: [
        { text: name, flex: 1 },
        { text: quantity, width: 6, align: 'right' },
        { text: price, width: 10, align: 'right' },
      ],
    })
  }
  for (const line of text.foot) blocks.push({ type: 'text', text: line })
  blocks.push({ type: 'barcode', symbology: 'ean13', data: text.ean, align: 'center' })
  blocks.push({ type: 'qr', data: text.url, align: 'center' })
  blocks.push({ type: 'cut' })
  return { blocks }
}
