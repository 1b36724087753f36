/** A list of any length of which only the rows in sight are in the page: rows of one height, each at its own place. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

export const virtualListLimits = {
  /** Rows drawn above and below those in sight, so that a flick of the wheel meets no gap. */
  spareRows: 8,
  /** The window moves by so many rows at once: between, scrolling draws nothing anew. */
  stepRows: 4,
  /** With so few rows left below, the next ones are wanted. */
  aheadRows: 150,
} as const

/** Until the first row has been measured, in px. */
const firstGuessPx = 72

interface VirtualListProps<T> {
  rows: readonly T[]
  keyOf: (row: T) => string | number
  /** What stands in a row. Its height is the same for all: the class of the list says how high. */
  children: (row: T) => JSX.Element
  label: string
  class: string
  /** Facts of a row for whoever reads the page by program: `data-…`. */
  marks?: (row: T) => Record<string, string>
  /** True while there are rows that are not loaded: their number is not known. */
  more?: boolean
  /** The end is near: load more. */
  onNearEnd?: () => unknown
}

interface Window {
  from: number
  to: number
}

export function VirtualList<T>(props: VirtualListProps<T>): JSX.Element {
  const { rows, keyOf, children, label, marks, more = false, onNearEnd } = props
  const list = useRef<HTMLOListElement>(null)
  const rowPx = useSignal(firstGuessPx)
  const view = useSignal<Window>({ from: 0, to: virtualListLimits.spareRows * 2 })
  /** The row that has the focus stays in the page wherever it is scrolled. */
  const focused = useSignal<string | number | undefined>(undefined)
  const anchor = useRef<{ key: string | number; index: number } | undefined>(undefined)
  const rowsNow = useRef(rows)
  rowsNow.current = rows

  const look = () => {
    const box = list.current?.getBoundingClientRect()
    if (box === undefined) return
    const height = rowPx.peek()
    const first = Math.floor(-box.top / height)
    const last = Math.ceil((innerHeight - box.top) / height)
    view.value = windowAround(view.peek(), first, last)
    const index = Math.max(0, first)
    const top = rowsNow.current[index]
    anchor.current = first <= 0 || top === undefined ? undefined : { key: keyOf(top), index }
    if (last + virtualListLimits.aheadRows >= rowsNow.current.length) onNearEnd?.()
  }
  const lookNow = useRef(look)
  lookNow.current = look

  useEffect(() => {
    const follow = () => lookNow.current()
    // Whatever scrolls: the page, or a part of it around the list.
    document.addEventListener('scroll', follow, { capture: true, passive: true })
    addEventListener('resize', follow)
    return () => {
      document.removeEventListener('scroll', follow, { capture: true })
      removeEventListener('resize', follow)
    }
  }, [])

  useLayoutEffect(() => {
    const measured = list.current?.querySelector('li')?.offsetHeight ?? 0
    if (measured > 0) rowPx.value = measured
    const was = anchor.current
    const current = was === undefined ? undefined : rows[was.index]
    if (was !== undefined && list.current !== null && (current === undefined || keyOf(current) !== was.key)) {
      // Rows came or went above: what is being looked at stays where it is.
      const now = rows.findIndex((row) => keyOf(row) === was.key)
      if (now >= 0) scrollerOf(list.current).scrollTop += (now - was.index) * rowPx.peek()
    }
    look()
  }, [rows])

  const shown = indexesOf(view.value, rows.length)
  const kept = focused.value === undefined ? -1 : rows.findIndex((row) => keyOf(row) === focused.value)
  if (kept >= 0 && kept < (shown[0] ?? 0)) shown.unshift(kept)
  else if (kept >= 0 && kept > (shown.at(-1) ?? 0)) shown.push(kept)
  return (
    <ol
      ref={list}
      class={`virtual ${props.class}`}
      aria-label={label}
      style={{ height: `${rows.length * rowPx.value}px` }}
      onKeyDown={moveFocus}
      onFocusOut={() => {
        focused.value = undefined
      }}
    >
      {shown.map((index) => {
        const row = rows[index]
        if (row === undefined) return null
        const key = keyOf(row)
        return (
          <li
            key={key}
            aria-posinset={index + 1}
            aria-setsize={more ? -1 : rows.length}
            style={{ transform: `translateY(${index * rowPx.value}px)` }}
            onFocusIn={() => {
              focused.value = key
            }}
            {...marks?.(row)}
          >
            {children(row)}
          </li>
        )
      })}
    </ol>
  )
}

/** The window as it is while it holds all that is in sight, else the next one by whole steps. */
function windowAround(now: Window, first: number, last: number): Window {
  const { spareRows, stepRows } = virtualListLimits
  const from = Math.max(0, Math.floor((first - spareRows) / stepRows) * stepRows)
  const to = Math.max(from, Math.ceil((last + spareRows) / stepRows) * stepRows)
  return from === now.from && to === now.to ? now : { from, to }
}

function indexesOf({ from, to }: Window, length: number): number[] {
  const end = Math.min(to, length)
  return Array.from({ length: Math.max(0, end - from) }, (_, offset) => from + offset)
}

/** Up and down go from row to row, as in every list. */
function moveFocus(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const row = event.target instanceof Element ? event.target.closest('li') : null
  if (step === 0 || row === null) return
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling
  const control = next?.querySelector<HTMLElement>('button, a[href]')
  if (control === null || control === undefined) return
  event.preventDefault()
  control.focus()
  control.scrollIntoView({ block: 'nearest' })
}

function scrollerOf(element: Element): Element {
  for (let at = element.parentElement; at !== null; at = at.parentElement) {
    const { overflowY } = getComputedStyle(at)
    if ((overflowY === 'auto' || overflowY === 'scroll') && at.scrollHeight > at.clientHeight) return at
  }
  return document.scrollingElement ?? document.documentElement
}
