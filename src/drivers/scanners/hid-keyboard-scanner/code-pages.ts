/** Characters of the codes that are typed with ALT on the keypad. */

const latin = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index)).join('')

/** From 128 on. */
const high: Readonly<Record<'cp437' | 'cp850' | 'cp1252', string>> = {
  cp437:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' +
    'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  cp850:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀' +
    'ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
  cp1252: `€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ${latin(0xa0, 0xff)}`,
}

export const altPages = ['cp437', 'cp850'] as const
export type AltPage = (typeof altPages)[number]

/**
 * The character of digits typed with ALT: with a 0 in front a code of Windows-1252, else one of the page of the system. Codes
 * below 32 are the control characters, whatever Windows draws for them; codes above 255 are those of Unicode.
 */
export function altCharacter(digits: string, page: AltPage): string {
  const code = Number(digits)
  if (!/^\d+$/.test(digits) || code > 0xffff || (code >= 0xd800 && code <= 0xdfff)) return ''
  if (code < 0x80 || code > 0xff) return String.fromCharCode(code)
  return high[digits.startsWith('0') ? 'cp1252' : page][code - 0x80] ?? ''
}
