/** What follows a paid order: the drawer, the receipt, the news. Nothing here can make the sale fail. */
import type { PaymentMethod, Register } from '../../protocol/till/catalogue.ts'
import type { SoldOrder } from '../../protocol/till/order.ts'
import type { TillCaller } from '../parts.ts'
import type { Desk } from './desk.ts'
import { soldSummary } from './documents.ts'
import { drawerJob, receiptJob } from './job-ids.ts'

export interface Aftermath {
  order: SoldOrder
  register: Register
  methods: readonly PaymentMethod[]
  tracking: number | null
  print: boolean
  /** False for what was sold without the hub: nobody waits at the drawer. */
  drawer: boolean
}

/** Returns at once. The drawer goes first: at many tills it hangs on the printer, and would wait behind the receipt. */
export function afterPayment(desk: Desk, { order, ...aftermath }: Aftermath, caller: TillCaller): void {
  const { log } = desk.parts.tools
  const { drawer, methods, print, register, tracking } = aftermath
  const follow = (what: string, work: () => Promise<void>) => {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => log.warn({ order: order.id, error: String(error) }, what))
  }
  desk.tell(soldSummary(order, tracking))
  if (drawer && opens(order, methods))
    follow('The drawer was not opened after a sale', () => openDrawer(desk, order, register, caller))
  if (print && register.printer !== undefined)
    follow('The receipt of a sale was not printed', () => firstReceipt(desk, order, caller))
}

const opens = ({ change, payments }: SoldOrder, methods: readonly PaymentMethod[]): boolean =>
  change > 0 ||
  payments.some(({ method: id }) =>
    methods.some((method) => method.id === id && (method.kind === 'cash' || method.opensDrawer)),
  )

async function openDrawer(
  desk: Desk,
  { id }: SoldOrder,
  register: Register,
  caller: TillCaller,
): Promise<void> {
  const device = register.drawer ?? register.printer
  if (device !== undefined) await desk.parts.tools.openDrawer({ id: drawerJob(id), device }, caller)
}

/** Counted before it prints: what comes later knows that it is a duplicate. */
async function firstReceipt(desk: Desk, order: SoldOrder, caller: TillCaller): Promise<void> {
  const job = receiptJob(order.id)
  const entry = {
    kind: 'receipt.duplicate',
    body: { order: order.id, job, by: order.employee },
    at: desk.now,
  }
  const prints = await desk.orders.printed(order.id, entry)
  await desk.parts.papers.receipt({ ...order, prints }, prints, job, caller)
}
