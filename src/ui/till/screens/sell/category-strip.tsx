/** Categories as a row of large chips, those below the chosen one in a second row. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { TillIcon } from '../../parts/icons.tsx'
import type { Within } from './products-pane.tsx'

export function CategoryStrip({ group }: { group: Signal<Within> }): JSX.Element | null {
  const { shelf } = useTill()
  const all = [...shelf.all('category')].sort((a, b) => a.sequence - b.sequence || (a.name < b.name ? -1 : 1))
  const chosen = group.value
  const category = chosen !== null && chosen !== 'favourites' ? chosen.category : null
  const above = [...shelf.lineage(category)].reverse()
  const rows = [null, ...above].map((parent) => all.filter((each) => each.parent === parent))
  const chip = (text: string, to: Within, on: boolean, colour?: string) => (
    <button
      key={text}
      type="button"
      class="chip"
      aria-pressed={on}
      style={colour === undefined ? undefined : { borderInlineStart: `8px solid ${colour}` }}
      onClick={() => {
        group.value = on ? null : to
      }}
    >
      {to === 'favourites' && <TillIcon name="star" size={20} />}
      {text}
    </button>
  )
  return (
    <Group class="category-strip" label={say('sell.categories')}>
      {rows
        .filter((row, index) => row.length > 0 || index === 0)
        .map((row, depth) => (
          <div class="chips" key={depth}>
            {depth === 0 && chip(say('sell.all'), null, chosen === null)}
            {depth === 0 && chip(say('sell.favourites'), 'favourites', chosen === 'favourites')}
            {row.map(({ colour, id, name }) => chip(name, { category: id }, above.includes(id), colour))}
          </div>
        ))}
    </Group>
  )
}
