/** Spanish words of the customer display. */
import type { displayEn } from './en.ts'

export const displayEs: Record<keyof typeof displayEn, string> = {
  'display.title': 'Visor de cliente',
  'display.pair.lead':
    'Escriba el código que la consola muestra en Cajas, Añadir una caja, Observador. Después esta pantalla muestra lo que dice la caja.',
  'display.pair.delete': 'Borrar',
  'display.pair.do': 'Emparejar',
  'display.connecting': 'Conectando con el hub …',
  'display.lost': 'Sin conexión',
  'display.choose': '¿Qué visor es este?',
  'display.choose.remembers': 'Este navegador recuerda la respuesta.',
  'display.none': 'El hub aún no tiene un visor para esta página',
  'display.none.todo':
    'En la consola, en Puertos, elija «Añadir una pantalla»: clase visor, controlador browser-display, puerto page:counter. Esta página la toma por sí sola.',
  'display.picture': 'Mostrado por {shop}',
  'display.total': 'Total',
}
