/** What the till wants the customer to see: the cart with its total, a message, lines of text, a code for the phone. */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { DisplayShowPayload } from '../../protocol/job.ts'
import { Qr } from '../parts/qr-code.tsx'
import { say } from '../words/say.ts'
import { directionOf, messageSize, splitLine, widestLine } from './layout.ts'

type Item = NonNullable<DisplayShowPayload['items']>[number]

export function Show({ document }: { document: DisplayShowPayload }): JSX.Element {
  const { items = [], lines, message, qr, total } = document
  const direction = directionOf(document)
  const code = qr !== undefined && <Qr data={qr.data} caption={qr.caption} />
  if (items.length === 0) {
    // Lines are for displays of letters; here they stand only when there is nothing better to show.
    const bare = total === undefined && message === undefined
    const text = !bare || lines !== undefined
    const shape = qr === undefined ? 'stage' : text ? 'stage stage-code stage-both' : 'stage stage-code'
    return (
      <div class={shape} dir={direction}>
        {text && (
          <div class="stage-text">
            {message !== undefined && (
              <Message text={message} alone={total === undefined && qr === undefined} />
            )}
            {bare && lines !== undefined && <Lines lines={lines} />}
            {total !== undefined && <Total label={total.label} amount={total.amount} />}
          </div>
        )}
        {code}
      </div>
    )
  }
  const aside = message !== undefined || qr !== undefined
  return (
    <div class={aside ? 'sale sale-aside' : 'sale'} dir={direction}>
      <Cart items={items} />
      {aside && (
        <aside class="aside">
          {message !== undefined && <Message text={message} alone={false} />}
          {code}
        </aside>
      )}
      {total !== undefined && <Total label={total.label} amount={total.amount} />}
    </div>
  )
}

function Cart({ items }: { items: readonly Item[] }): JSX.Element {
  const list = useRef<HTMLOListElement>(null)
  const quantity = Math.max(0, ...items.map((item) => item.quantity?.length ?? 0))
  const counted = quantity > 0
  useLayoutEffect(() => keepEndInSight(list.current, 'smooth'), [items])
  useEffect(() => {
    const box = list.current
    if (box === null) return
    const follow = new ResizeObserver(() => keepEndInSight(box, 'instant'))
    follow.observe(box)
    return () => follow.disconnect()
  }, [])
  return (
    <ol ref={list} class={counted ? 'cart cart-counted' : 'cart'} style={{ '--quantity': quantity }}>
      {items.map((item, index) => (
        // A line of a cart has no name but its place.
        <li key={index} class={index === items.length - 1 ? 'line line-last' : 'line'}>
          {counted && (
            <span class="line-quantity">
              <bdi>{item.quantity}</bdi>
            </span>
          )}
          <span class="line-text">
            <bdi>{item.text}</bdi>
          </span>
          <span class="line-amount">
            <bdi>{item.amount}</bdi>
          </span>
        </li>
      ))}
    </ol>
  )
}

/** Older lines leave over the upper edge. */
function keepEndInSight(list: HTMLOListElement | null, behavior: 'smooth' | 'instant'): void {
  if (list === null) return
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const top = list.scrollHeight - list.clientHeight
  list.classList.toggle('cart-more', top > 1)
  list.scrollTo({ top, behavior: still ? 'instant' : behavior })
}

function Total({ label, amount }: { label: string | undefined; amount: string }): JSX.Element {
  return (
    <p class="total" style={{ '--chars': Math.max(amount.length, 5) }}>
      <span class="total-label" dir="auto">
        {label ?? say('display.total')}
      </span>
      <strong class="total-amount">
        <bdi>{amount}</bdi>
      </strong>
    </p>
  )
}

function Message({ text, alone }: { text: string; alone: boolean }): JSX.Element {
  return (
    <p class={`message message-${messageSize(text, alone)}`} dir="auto">
      {text}
    </p>
  )
}

function Lines({ lines }: { lines: readonly string[] }): JSX.Element {
  return (
    <div class="lines" style={{ '--chars': Math.max(widestLine(lines), 8), '--lines': lines.length }}>
      {lines.map((line, index) => {
        const [start, end] = splitLine(line)
        return (
          <p key={index} class={end === undefined ? 'text-line' : 'text-line text-columns'} dir="auto">
            <span>{start}</span>
            {end !== undefined && <span>{end}</span>}
          </p>
        )
      })}
    </div>
  )
}
