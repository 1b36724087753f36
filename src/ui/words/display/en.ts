/** English words of the customer display. */
export const displayEn = {
  'display.title': 'Customer display',
  'display.pair.lead':
    'Type the code that the console shows under Tills, Add a till, Monitor. This screen then shows what the till says.',
  'display.pair.delete': 'Delete',
  'display.pair.do': 'Pair',
  'display.connecting': 'Connecting to the hub …',
  'display.lost': 'Not connected',
  'display.choose': 'Which display is this?',
  'display.choose.remembers': 'This browser remembers the answer.',
  'display.none': 'The hub has no display for this page yet',
  'display.none.todo':
    'A technician opens the console, goes to Ports, and presses “Add a screen”: class display, driver browser-display, port page:counter. This page takes it up by itself.',
  'display.picture': 'Shown by {shop}',
  'display.total': 'Total',
} as const
