/** German words of the customer display. */
import type { displayEn } from './en.ts'

export const displayDe: Record<keyof typeof displayEn, string> = {
  'display.title': 'Kundenanzeige',
  'display.pair.lead':
    'Geben Sie den Code ein, den die Konsole unter Kassen, Kasse hinzufügen, Nur ansehen zeigt. Danach zeigt dieser Bildschirm, was die Kasse sagt.',
  'display.pair.delete': 'Löschen',
  'display.pair.do': 'Koppeln',
  'display.connecting': 'Verbindung zum Hub …',
  'display.lost': 'Nicht verbunden',
  'display.choose': 'Welche Anzeige ist das?',
  'display.choose.remembers': 'Dieser Browser merkt sich die Antwort.',
  'display.none': 'Der Hub hat noch keine Anzeige für diese Seite',
  'display.none.todo':
    'In der Konsole unter Anschlüsse „Bildschirm hinzufügen“ wählen: Art Kundenanzeige, Treiber browser-display, Anschluss page:counter. Diese Seite übernimmt ihn von selbst.',
  'display.picture': 'Gezeigt von {shop}',
  'display.total': 'Summe',
}
