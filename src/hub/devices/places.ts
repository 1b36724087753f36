/** Where a port is, apart from how it is set: two devices cannot share a place, at whatever speed. */

/** A port URL without its line settings. On USB what follows the question mark is the place itself (`?at=1-1.2`). */
export function placeOf(url: string): string {
  return url.startsWith('usb:') ? url : (url.split('?')[0] ?? url)
}
