/** Weighing: a fresh weight of the register's scale, in the unit of the product, with its price. */
import { HubError } from '../../protocol/errors.ts'
import type { Product, Unit } from '../../protocol/till/catalogue.ts'
import { mustHaveDevice } from '../devices.ts'
import {
  divide,
  multiply,
  parseDecimal,
  type Rational,
  roundToStep,
  sign,
  subtract,
  toText,
} from '../engine/decimal.ts'
import { unitOf } from '../engine/lines.ts'
import type { CatalogueApi, TillCaller, TillParams, TillResult } from '../parts.ts'
import { type Desk, requestOf } from './desk.ts'
import { atPath, invalid, withPath } from './errors.ts'
import type { Weighing } from './weighings.ts'

/** How many kg one of each is; exact by definition. */
const masses: Readonly<Record<string, string>> = {
  kg: '1',
  g: '0.001',
  lb: '0.45359237',
  oz: '0.028349523125',
}
const weightDecimals = 6

/** The same id again answers the same weighing. Rejects with what `scale.read` rejects with, `till_invalid`, `till_conflict`. */
export async function weigh(
  desk: Desk,
  params: TillParams<'till.weigh'>,
  caller: TillCaller,
): Promise<TillResult<'till.weigh'>> {
  await desk.seller(caller, params.login, 'weigh')
  const request = requestOf('till.weigh', params)
  const known = desk.weighings.asked(params.id)
  if (known !== undefined && known.fingerprint !== request)
    throw new HubError('till_conflict', { kind: 'weighing', id: params.id })
  const result = known?.result ?? desk.weighings.remember(params.id, request, () => weighNow(desk, params))
  const { weighing, gross, tare, net, price, total } = await result
  return { weighing, gross, tare, net, price, total }
}

async function weighNow(
  desk: Desk,
  { device, id, product: wanted, register: where, tare }: TillParams<'till.weigh'>,
): Promise<Weighing> {
  const { catalogue, tools } = desk.parts
  const register = atPath('register', () => catalogue.must('register', where))
  const scale = device ?? register.scale
  if (scale === undefined)
    throw invalid('device', `the register ${register.name} has no scale; name one, or set it at the register`)
  const products = await catalogue.products([wanted]).catch((error: unknown) => {
    throw withPath('product', error)
  })
  const product = products.get(wanted)!
  const unit = unitOf(product, 'product', catalogue)
  const kilos = kilosOf(product, unit, catalogue)
  const away = parseDecimal(tare, 'tare')
  if (sign(away) < 0) throw invalid('tare', 'is below zero')
  mustHaveDevice(tools, scale, 'weighing', 'device')
  const read = await tools.readScale(scale)
  const mass = masses[read.unit]
  if (mass === undefined) throw invalid('device', `the scale weighs in ${read.unit}, which is no weight`)
  const gross = divide(multiply(parseDecimal(read.weight, 'weight'), parseDecimal(mass)), kilos)
  const step = parseDecimal(unit.rounding, 'unit')
  const net = toText(roundToStep(subtract(gross, away), step), weightDecimals)
  if (sign(parseDecimal(net)) <= 0) throw invalid('tare', 'leaves nothing; put the goods on the scale')
  const line = { id: 'weighed', product: wanted, quantity: net, discount: '0', lots: [] }
  const priced = await desk.price(
    // What the scale gave is just being found out: a price by hand would be asked for later.
    {
      ...{ id, register: where, table: null, guests: 0, customer: null, discount: '0', tip: 0 },
      lines: [product.openPrice ? { ...line, price: product.price } : line],
    },
    undefined,
  )
  return {
    weighing: id,
    gross: toText(gross, weightDecimals),
    tare,
    net,
    price: priced.items[0]!.price,
    total: priced.lines[0]!.gross,
    product: wanted,
    at: desk.now,
  }
}

/** By its own name, or by a unit of its category whose name is known. */
function kilosOf({ name }: Product, unit: Unit, catalogue: CatalogueApi): Rational {
  const own = masses[unit.id]
  if (own !== undefined) return parseDecimal(own)
  for (const [id, mass] of Object.entries(masses)) {
    const known = catalogue.get('unit', id)
    if (known === undefined || known.category !== unit.category) continue
    return divide(multiply(parseDecimal(mass), parseDecimal(unit.factor)), parseDecimal(known.factor))
  }
  throw invalid('product', `${name} is sold by ${unit.name}, which is no weight; change its unit`)
}
