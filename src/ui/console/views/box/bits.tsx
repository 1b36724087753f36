/** Small things that several pages of the box show: sizes, copying, a QR code, a card with a heading. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { hintFor, sentenceOf } from '../../../parts/error-words.ts'
import type { UiClock } from '../../../parts/time.ts'
import { locale, say } from '../../../words/say.ts'
import { type Asked, useConsole } from '../../context.ts'
import { AddressQr } from '../../qr-picture.tsx'

/** `1.4 MB`. */
export function bytesText(bytes: number): string {
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kilobyte'] : [bytes / 1_000_000, 'megabyte']
  return new Intl.NumberFormat(locale.value, { style: 'unit', unit, maximumFractionDigits: 1 }).format(size)
}

interface CardProps {
  title: string
  children: ComponentChildren
  /** Name by which tests find it. */
  name: string
}

export function Card({ title, children, name }: CardProps): JSX.Element {
  const id = useId()
  return (
    <section class="card box-card" aria-labelledby={id} data-card={name}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

/** Puts a text on the clipboard, also where the page is not encrypted and the browser offers none. */
async function copyText(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard !== undefined) {
      await navigator.clipboard.writeText(text)
      return true
    }
  } catch {
    // Refused: the old way may still work.
  }
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  // Inside of an open dialog, since everything else is inert while it is open.
  const host = document.querySelector('dialog[open]') ?? document.body
  const focused = document.activeElement
  host.append(area)
  area.select()
  try {
    return document.execCommand('copy')
  } finally {
    area.remove()
    if (focused instanceof HTMLElement) focused.focus()
  }
}

/** Copies a text and says whether it could. */
export function useCopy(): (text: string) => Promise<void> {
  const { toasts } = useConsole()
  return async (text) => {
    if (await copyText(text)) toasts.show({ tone: 'good', text: say('common.copied') })
    else toasts.show({ tone: 'bad', text: say('box.notCopied') })
  }
}

/** `what` names the thing for a screen reader. */
export function CopyButton({ text, what }: { text: string; what: string }): JSX.Element {
  const copy = useCopy()
  return (
    <Button look="quiet" label={say('box.copyWhat', { what })} onPress={() => copy(text)}>
      {say('common.copy')}
    </Button>
  )
}

export function QrButton({ url, what }: { url: string; what: string }): JSX.Element {
  const open = useSignal(false)
  return (
    <>
      <Button
        look="quiet"
        label={say('box.qrWhat', { what })}
        onPress={() => {
          open.value = true
        }}
      >
        QR
      </Button>
      {open.value && (
        <Dialog
          title={what}
          onClose={() => {
            open.value = false
          }}
        >
          <div class="box-qr">
            <AddressQr url={url} caption={url} />
          </div>
          <p class="hint">{say('box.qrHint')}</p>
        </Dialog>
      )}
    </>
  )
}

/** Says what the hub could not be asked, in the place of what would stand there. */
export function Unasked({ of }: { of: readonly Asked<unknown>[] }): JSX.Element | null {
  const { state } = useConsole()
  const failed = of.filter(({ answer, error }) => answer.value === undefined && error.value !== undefined)
  const error = failed[0]?.error.value
  if (error === undefined) return null
  return (
    <div class="box-note bad" role="alert">
      <p>
        <strong>{sentenceOf(error, state.devices.peek())}</strong> {hintFor(error.code, error.who)}{' '}
        <code>{error.code}</code>
      </p>
      <div class="actions">
        <Button onPress={() => Promise.all(failed.map(({ ask }) => ask()))}>{say('common.retry')}</Button>
      </div>
    </div>
  )
}

/** How long a browser may take to fetch what it was given. */
const keptMs = 60_000

/** Gives the browser a file to keep. */
export function saveAs(clock: UiClock, content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  clock.after(keptMs, () => URL.revokeObjectURL(link.href))
}
