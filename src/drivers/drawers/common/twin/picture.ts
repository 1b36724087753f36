/** The picture of a simulated drawer, from above: shut, or out by half. */

export function drawerSvg(open: boolean): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 140">' +
    '<rect x="20" y="20" width="200" height="60" rx="4" fill="#2a3138"/>' +
    `<rect x="20" y="${open ? 70 : 40}" width="200" height="40" rx="4" fill="#4d5a66"/></svg>`
  )
}
