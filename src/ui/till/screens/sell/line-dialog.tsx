/** One line with everything that can be said of it: how many, discount, price, notes, numbers, course. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import type { Selling } from './asking.ts'
import { NoteFields } from './note-fields.tsx'

const courses = ['0', '1', '2', '3', '4'] as const

export function LineDialog({ selling, line: id }: { selling: Selling; line: string }): JSX.Element | null {
  const { cart, desk } = useTill()
  const line = cart.state.value.lines.find((each) => each.id === id)
  const note = useSignal(line?.note ?? '')
  const internal = useSignal(line?.internalNote ?? '')
  const course = useSignal(String(line?.course ?? 0))
  if (line === undefined) return null
  const save = () => {
    cart.changeLine(id, {
      note: note.value.trim() || undefined,
      internalNote: internal.value.trim() || undefined,
      course: Number(course.value) || undefined,
    })
    selling.done()
  }
  return (
    <Dialog title={line.product.name} onClose={selling.done}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <NoteFields note={note} internal={internal} />
        {desk.register.value?.restaurant === true && (
          <Segments
            label={say('sell.course.which')}
            value={course.value}
            choices={courses.map((value) => ({
              value: value as string,
              text: value === '0' ? say('sell.course.none') : value,
            }))}
            onChoose={(value) => {
              course.value = value
            }}
          />
        )}
        {line.product.tracking !== 'none' && (
          <Button
            onPress={() =>
              selling.ask({ what: 'lots', product: line.product, more: { lots: line.lots }, line: id })
            }
          >
            {line.lots.length === 0 ? say('sell.lots.lot') : line.lots.join(', ')}
          </Button>
        )}
        <div class="actions grow">
          <Button
            size="big"
            look="danger"
            onPress={() => {
              cart.removeLine(id)
              selling.done()
            }}
          >
            {say('common.remove')}
          </Button>
          <Button size="big" look="main" onPress={save}>
            {say('common.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
