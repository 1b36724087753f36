/** German words of the till: orders, refunds, invoices. */
import type { ordersEn } from './en.ts'

export const ordersDe: Readonly<Record<keyof typeof ordersEn, string>> = {
  'orders.open': 'Offen',
  'orders.paid': 'Bezahlt',
  'orders.open.none': 'Keine Bestellung ist offen',
  'orders.open.none.todo': 'Hier stehen die geparkten Bestellungen aller Kassen.',
  'orders.paid.none': 'Kein Bon passt.',
  'orders.search.open': 'Name, Nummer, Mitarbeiter',
  'orders.search.paid': 'Bonnummer, Kunde oder Betrag',
  'orders.tracking': 'Bestellung {number}',
  'orders.here': 'nur hier',
  'orders.printing': 'Der Bon wird gedruckt.',
  'orders.copies': '{count} Kopien',
  'orders.sync.queued': 'wartet',
  'orders.sync.sent': 'gesendet',
  'orders.sync.verified': 'bestätigt',
  'orders.sync.parked': 'abgelehnt',
  'orders.returned': '{count} zurückgenommen',
  'orders.refund.all': 'Alles zurücknehmen',
  'orders.refund.some': '{count} zurücknehmen',
  'orders.refund.of': 'Wie viele {name} zurückkommen',
  'orders.refund.fewer': 'Weniger {name}',
  'orders.refund.more': 'Mehr {name}',
  'orders.invoice.for': 'Rechnung zu {number}',
}
