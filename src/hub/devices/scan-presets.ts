/** Rules for codes with a weight or a price that are common in a country. Common practice, not law: every shop may differ. */
import type { z } from 'zod'
import type { scanRuleSchema } from './scan-rules.ts'

type Rule = Readonly<z.input<typeof scanRuleSchema>>

const nordic = (country: string): Rule[] => [
  { name: `${country}-price-2`, pattern: '20......NNDDC', kind: 'price' },
  { name: `${country}-price-1`, pattern: '21......NNNDC', kind: 'price' },
  { name: `${country}-price-0`, pattern: '22......NNNNC', kind: 'price' },
  { name: `${country}-weight-3`, pattern: '23......NDDDC', kind: 'weight' },
  { name: `${country}-weight-2`, pattern: '24......NNDDC', kind: 'weight' },
  { name: `${country}-weight-1`, pattern: '25......NNNDC', kind: 'weight' },
]

export const scanPresetNames = ['us', 'gb', 'de', 'ch', 'se', 'no', 'fi', 'it', 'fr', 'odoo'] as const
export type ScanPreset = (typeof scanPresetNames)[number]

export const scanPresets: Readonly<Record<ScanPreset, readonly Rule[]>> = {
  us: [{ name: 'us-price', pattern: '2.....PNNDDC', kind: 'price' }],
  gb: [{ name: 'gb-price', pattern: '20.....PNNDDC', kind: 'price' }],
  de: [
    { name: 'de-price', pattern: '28.....NNNDDC', kind: 'price' },
    { name: 'de-weight', pattern: '29.....NNDDDC', kind: 'weight' },
  ],
  ch: [
    { name: 'ch-price', pattern: '21.....NNNDDC', kind: 'price' },
    { name: 'ch-weight', pattern: '29.....NNDDDC', kind: 'weight' },
  ],
  se: nordic('se'),
  no: nordic('no'),
  fi: nordic('fi'),
  it: [{ name: 'it-price', pattern: '2......NNNDDC', kind: 'price' }],
  fr: [
    { name: 'fr-price', pattern: '02.....NNNDDC', kind: 'price' },
    { name: 'fr-weight', pattern: '29.....NNDDDC', kind: 'weight' },
  ],
  odoo: [
    { name: 'odoo-weight', pattern: '21.....NNDDDC', kind: 'weight' },
    { name: 'odoo-price', pattern: '23.....NNNDDC', kind: 'price' },
    { name: 'odoo-discount', pattern: '22NN', kind: 'discount' },
  ],
}
