/** The line icons of the UI, drawn for it: one path each on a 24 by 24 grid. */
import type { JSX } from 'preact'

const paths = {
  bridge: 'M3 17h18M6 17V8M18 17V8M6 8c2 5 10 5 12 0M9.5 17v-5.800M14.5 17v-5.8',
  printer:
    'M7 9V3h10v6M7 17H4.500A1.5 1.5 0 0 1 3 15.500v-5A1.5 1.5 0 0 1 4.5 9h15a1.5 1.5 0 0 1 1.5 1.500v5a1.5 1.5 0 0 1-1.5 1.500H17M7 14h10v7H7zM9.5 17.500h5M17 12h.01',
  scale:
    'M4 8h16l-1.2 11.200a1 1 0 0 1-1 .8H6.200a1 1 0 0 1-1-.8L4 8zM3 5h18M12 5v3M8.5 16a3.5 3.5 0 0 1 7 0M12 16l1.5-2',
  scanner:
    'M4 8V5.500A1.5 1.5 0 0 1 5.5 4H8M16 4h2.500A1.5 1.5 0 0 1 20 5.500V8M20 16v2.500a1.5 1.5 0 0 1-1.5 1.500H16M8 20H5.500A1.5 1.5 0 0 1 4 18.500V16M8 9v6M11 9v6M13.5 9v6M16 9v6',
  drawer: 'M4 5h16v6H4zM3 11h18v8H3zM9.5 15h5',
  display: 'M3 5h18v11H3zM12 16v4M8 20h8M6.5 9h7M6.5 12h4',
  terminal:
    'M7 3h10a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM9 6h6v4H9zM9 13.500h.01M12 13.500h.01M15 13.500h.01M9 17h.01M12 17h.01M15 17h.01',
  absent: 'M9 15l-2 2a3.5 3.5 0 0 1-5-5l2-2M15 9l2-2a3.5 3.5 0 0 1 5 5l-2 2M4 4l16 16',
  connecting: 'M12 3a9 9 0 1 1-8.5 6M3.5 4v5h5',
  ready: 'M4.5 12.500l5 5 10-11',
  busy: 'M5 12h.01M12 12h.01M19 12h.01',
  faulty: 'M12 4L2.5 20h19zM12 10v4.500M12 17.500h.01',
  disabled: 'M12 3v8M6.5 6.500a8 8 0 1 0 11 0',
  unknown:
    'M9 9a3 3 0 1 1 4.5 2.600c-1 .6-1.5 1.2-1.5 2.400M12 17.500h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  waiting: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  jobs: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  add: 'M12 5v14M5 12h14',
  clients: 'M7 3h10v18H7zM11 18h2',
  events: 'M3 12h4l3-8 4 16 3-8h4',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.500M12 19.500V22M2 12h2.500M19.5 12H22M5 5l1.7 1.700M17.3 17.300L19 19M5 19l1.7-1.700M17.3 6.700L19 5',
  moon: 'M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500z',
  auto: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
  pencil: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  close: 'M6 6l12 12M18 6L6 18',
  chevron: 'M9 6l6 6-6 6',
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.500L21 21',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 5l12 7-12 7z',
  receipt: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  key: 'M8 12a4 4 0 1 0 0 .01M12 12h9v4M17 12v3',
  overview: 'M4 4h7v7H4zM13 4h7v4h-7zM13 11h7v9h-7zM4 14h7v6H4z',
  tills: 'M5 4h14v9H5zM3 20h18l-2-7H5zM9 17h6M8 7.500h8',
  users:
    'M9 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.500a3.5 3.5 0 0 1 0 6.500M18 14.500c2.200.800 3.500 2.700 3.500 5.500',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.500c0-4 3.500-6 7.500-6s7.500 2 7.500 6',
  network: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18',
  log: 'M5 3h14v18H5zM9 8h6M9 12h6M9 16h3',
  config: 'M4 7h9M17 7h3M15 4.500v5M4 12h3M11 12h9M9 9.500v5M4 17h9M17 17h3M15 14.500v5',
  backup: 'M4 5h16v5H4zM5 10v9h14v-9M12 12v5M9.5 14.500L12 17l2.5-2.500',
  about: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.500M12 7.500h.01',
  audit: 'M12 3l8 3v6c0 4.500-3.500 7.500-8 9-4.500-1.500-8-4.500-8-9V6zM8.5 12l2.500 2.500 4.500-5',
  more: 'M5 11.200a.800.800 0 1 0 0 1.600.800.800 0 0 0 0-1.600zM12 11.200a.800.800 0 1 0 0 1.600.800.800 0 0 0 0-1.600zM19 11.200a.800.800 0 1 0 0 1.600.800.800 0 0 0 0-1.600z',
  language:
    'M4 6h9M8.5 3.500V6M11 6c-1 4-3.500 6.500-7 8M6 8.500c1.200 2.500 3 4 5.500 5M12 20l4.500-10L21 20M13.500 17h6',
  leave: 'M14 4H5v16h9M10 12h11M17.5 8.500L21 12l-3.500 3.500',
  eye: 'M2.5 12c4.500-8 14.500-8 19 0-4.500 8-14.500 8-19 0zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 14.500v2',
  restart: 'M20 12a8 8 0 1 1-2.500-5.800M20 3.500V8h-4.500',
} as const

export type IconName = keyof typeof paths

/** Decorative: the word beside it carries the meaning. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
