/** The line icons that only the till has; the console need not load them. */
import type { JSX } from 'preact'

const paths = {
  back: 'M8.5 5H21v14H8.5L3 12zM11.5 9.5l5 5M16.5 9.5l-5 5',
  basket: 'M4 9h16l-1.500 10.500h-13zM8 9l4-6 4 6M9.500 13v3M14.500 13v3',
  orders: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  table: 'M3 9h18M5 9v10M19 9v10M7 5h10l2 4H5z',
  cash: 'M3 6h18v12H3zM12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM6 9h.01M18 15h.01',
  card: 'M3 6h18v12H3zM3 10h18M6.500 14.500h4',
  bank: 'M4 10h16L12 4zM6 10v7M10 10v7M14 10v7M18 10v7M4 20h16',
  account: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20.500c0-4 3.500-6 7.500-6s7.500 2 7.500 6',
  customer: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20.500c0-4 3.500-6 7.500-6s7.500 2 7.500 6',
  note: 'M5 4h14v12l-4 4H5zM15 20v-4h4M8.500 8.500h7M8.500 12h5',
  percent: 'M6 18L18 6M7.500 5.500a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM16.500 14.500a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  park: 'M9 4H5v16h4M15 4h4v16h-4M9 12h6',
  undo: 'M9 6L4 11l5 5M4 11h10a5.500 5.500 0 0 1 0 8h-3',
  star: 'M12 3.500l2.600 5.600 6 .700-4.500 4.100 1.200 6-5.300-3-5.300 3 1.200-6L3.400 9.800l6-.700z',
  camera: 'M4 7h4l2-3h4l2 3h4v12H4zM12 9.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z',
  chart: 'M4 20h16M7 20v-6M12 20V6M17 20v-9',
  z: 'M7 5h10L7 19h10',
  cloud: 'M7 18a4.500 4.500 0 0 1-.500-9A6 6 0 0 1 18 10.500 3.800 3.800 0 0 1 17.500 18z',
  kitchen: 'M7 3v7a2.500 2.500 0 0 1-5 0M4.500 3v18M16 3c-2.500 2-3 5-3 9h4v9',
  split: 'M12 21v-7M12 14L5 7M12 14l7-7M5 11V7h4M15 7h4v4',
  school: 'M2.500 9L12 4.500 21.500 9 12 13.500zM6.500 11v5c2.500 2.500 8.500 2.500 11 0v-5M21.500 9v6',
  gift: 'M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7c-2-4-6-4-6-1.500S9 7 12 7zM12 7c2-4 6-4 6-1.500S15 7 12 7z',
  tip: 'M12 3v18M16.500 6.500c-2-1.500-8-2-8 1.500 0 4 8 2.500 8 7 0 3.500-6.500 3-9 1',
} as const

export type TillIconName = keyof typeof paths

/** Decorative: the word beside it carries the meaning. */
export function TillIcon({ name, size = 24 }: { name: TillIconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
