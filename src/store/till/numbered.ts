/** The body of a paid order with the number that the store gave it. */

/** Number and reference at its end; it is not parsed, so that not a byte of it changes. */
export function numbered(body: string, number: number, reference: string): string {
  const open = body.trimEnd().slice(0, -1)
  return `${open}${open.length > 1 ? ',' : ''}"number":${number},"reference":${JSON.stringify(reference)}}`
}
