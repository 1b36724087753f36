/** French words of the till: orders, refunds, invoices. */
import type { ordersEn } from './en.ts'

export const ordersFr: Readonly<Record<keyof typeof ordersEn, string>> = {
  'orders.open': 'Ouvertes',
  'orders.paid': 'Payées',
  'orders.open.none': 'Aucune commande ouverte',
  'orders.open.none.todo': 'Les commandes mises de côté par toutes les caisses sont ici.',
  'orders.paid.none': 'Aucun ticket ne correspond.',
  'orders.search.open': 'Nom, numéro, employé',
  'orders.search.paid': 'Numéro, client ou montant',
  'orders.tracking': 'Commande {number}',
  'orders.here': 'ici seulement',
  'orders.printing': 'Le ticket s’imprime.',
  'orders.copies': '{count} copies',
  'orders.sync.queued': 'attend',
  'orders.sync.sent': 'envoyé',
  'orders.sync.verified': 'vérifié',
  'orders.sync.parked': 'refusé',
  'orders.returned': '{count} remboursés',
  'orders.refund.all': 'Tout rembourser',
  'orders.refund.some': 'Rembourser {count}',
  'orders.refund.of': 'Combien de {name} reviennent',
  'orders.refund.fewer': 'Moins de {name}',
  'orders.refund.more': 'Plus de {name}',
  'orders.invoice.for': 'Facture pour {number}',
}
