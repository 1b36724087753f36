/** A browser sells in one tab at a time, the one that was opened last: two would have the same order in hand. */

const taken = 'taken'

/** Takes the till from the other tabs of this browser. `onTaken`: another one has taken it from this one. */
export function takeTill(onTaken: () => void): void {
  if (typeof BroadcastChannel === 'undefined') return
  const tabs = new BroadcastChannel('tillbridge-till')
  // Nobody hears what it said itself.
  tabs.postMessage(taken)
  tabs.onmessage = ({ data }) => {
    if (data === taken) onTaken()
  }
}
