/** A setting that no field can show, such as a map of code pages, as JSON. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { Button } from '../../../parts/button.tsx'
import { FieldError } from '../../../parts/field.tsx'
import { say } from '../../../words/say.ts'
import { detailWord } from '../../../words/things.ts'

interface JsonSettingProps {
  name: string
  value: unknown
  /** What the profile says. */
  usual: unknown
  /** What the hub said of it. */
  error: string | undefined
  /** undefined goes back to the profile. */
  onChange: (value: unknown) => void
  onWrong: (wrong: boolean) => void
}

export function JsonSetting(props: JsonSettingProps): JSX.Element {
  const { name, value, usual, onChange, onWrong } = props
  const id = useId()
  const text = useSignal(value === undefined ? '' : JSON.stringify(value, null, 2))
  const wrong = useSignal(false)
  const error = wrong.value ? say('devices.notJson') : props.error
  const write = (typed: string) => {
    text.value = typed
    const read = typed.trim() === '' ? { value: undefined } : readJson(typed)
    wrong.value = read === undefined
    onWrong(read === undefined)
    if (read !== undefined) onChange(read.value)
  }
  return (
    <div class="field schema-field" data-path={name}>
      <div class="schema-head">
        <label for={id}>{detailWord(name)}</label>
        <code class="schema-key">{name}</code>
      </div>
      <textarea
        id={id}
        class="code"
        rows={4}
        spellcheck={false}
        value={text.value}
        placeholder={usual === undefined ? '' : JSON.stringify(usual)}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={`${id}-hint ${id}-error`}
        onInput={(event) => write(event.currentTarget.value)}
      />
      <FieldError id={`${id}-error`} error={error} />
      <div class="schema-foot">
        <p class="hint" id={`${id}-hint`}>
          {say('devices.jsonHint')}
        </p>
        {text.value !== '' && (
          <Button look="quiet" onPress={() => write('')}>
            {say('devices.backToProfile')}
          </Button>
        )}
      </div>
    </div>
  )
}

function readJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
