/** Spanish words of the till: orders, refunds, invoices. */
import type { ordersEn } from './en.ts'

export const ordersEs: Readonly<Record<keyof typeof ordersEn, string>> = {
  'orders.open': 'Abiertos',
  'orders.paid': 'Pagados',
  'orders.open.none': 'Ningún pedido abierto',
  'orders.open.none.todo': 'Aquí están los pedidos aparcados de todas las cajas.',
  'orders.paid.none': 'Ningún tique coincide.',
  'orders.search.open': 'Nombre, número, empleado',
  'orders.search.paid': 'Número, cliente o importe',
  'orders.tracking': 'Pedido {number}',
  'orders.here': 'solo aquí',
  'orders.printing': 'El tique se está imprimiendo.',
  'orders.copies': '{count} copias',
  'orders.sync.queued': 'espera',
  'orders.sync.sent': 'enviado',
  'orders.sync.verified': 'verificado',
  'orders.sync.parked': 'rechazado',
  'orders.returned': '{count} devueltos',
  'orders.refund.all': 'Devolver todo',
  'orders.refund.some': 'Devolver {count}',
  'orders.refund.of': 'Cuántos {name} se devuelven',
  'orders.refund.fewer': 'Menos de {name}',
  'orders.refund.more': 'Más de {name}',
  'orders.invoice.for': 'Factura de {number}',
}
