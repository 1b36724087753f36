/** French words of the customer display. */
import type { displayEn } from './en.ts'

export const displayFr: Record<keyof typeof displayEn, string> = {
  'display.title': 'Afficheur client',
  'display.pair.lead':
    'Saisissez le code que la console affiche sous Caisses, Ajouter une caisse, Observateur. Cet écran affiche ensuite ce que dit la caisse.',
  'display.pair.delete': 'Effacer',
  'display.pair.do': 'Associer',
  'display.connecting': 'Connexion au hub …',
  'display.lost': 'Non connecté',
  'display.choose': 'Quel afficheur est-ce ?',
  'display.choose.remembers': 'Ce navigateur retient la réponse.',
  'display.none': 'Le hub n’a pas encore d’afficheur pour cette page',
  'display.none.todo':
    'Dans la console, sous Ports, choisissez « Ajouter un écran » : type afficheur, pilote browser-display, port page:counter. Cette page le prend d’elle-même.',
  'display.picture': 'Affiché par {shop}',
  'display.total': 'Total',
}
