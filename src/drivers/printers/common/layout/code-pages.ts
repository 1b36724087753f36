/** What each code page's bytes 80h to FFh spell: the tables a receipt printer and the encoder have in common. */
/** Code pages the encoder has tables for, by their usual names. */
export const codePageNames = [
  'cp437',
  'cp720',
  'cp737',
  'cp775',
  'cp850',
  'cp851',
  'cp852',
  'cp853',
  'cp855',
  'cp857',
  'cp858',
  'cp860',
  'cp861',
  'cp862',
  'cp863',
  'cp864',
  'cp865',
  'cp866',
  'cp869',
  'cp874',
  'cp1098',
  'cp1125',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'iso-8859-2',
  'iso-8859-7',
  'iso-8859-15',
  'katakana',
] as const // prettier-ignore
export type CodePageName = (typeof codePageNames)[number]
/** Stands for a byte that spells nothing, or on which the sources disagree. */
const undefinedByte = '.'

/** Bytes B0h–DFh and E0h–FFh of code page 437, which many DOS pages share. */
const lines437 = '░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀'
const maths437 = 'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0'
const hebrewLetters = Array.from({ length: 27 }, (_, index) => String.fromCharCode(0x05d0 + index)).join('')

/**
 * DOS pages, 128 characters each. Left undefined on purpose: D5h of cp857 (some printers have a euro there, most do not),
 * B7h, B8h and F7h of cp851 and FAh, FBh of cp1125 (published tables contradict each other).
 */
// biome-ignore format: one page a line
const dosPages: Readonly<Partial<Record<CodePageName, string>>> = {
  cp437: `ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»${lines437}${maths437}`,
  cp720: `..éâ.à.çêëèïî....\u0651\u0652ô¤\u0640ûù\u0621\u0622\u0623\u0624£\u0625\u0626\u0627\u0628\u0629\u062a\u062b\u062c\u062d\u062e\u062f\u0630\u0631\u0632\u0633\u0634\u0635«»${lines437}\u0636\u0637\u0638\u0639\u063a\u0641µ\u0642\u0643\u0644\u0645\u0646\u0647\u0648\u0649\u064a≡\u064b\u064c\u064d\u064e\u064f\u0650≈°∙·√ⁿ²■\xa0`,
  cp737: `ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ${lines437}ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\xa0`,
  cp775: 'ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐└┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀ÓßŌŃõÕµńĶķĻļņĒŅ’\xad±“¾¶§÷„°∙·¹³²■\xa0',
  cp850: 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\xad±‗¾¶§÷¸°¨·¹³²■\xa0',
  cp851: 'ÇüéâäàΆçêëèïîΈÄΉΊ.ΌôöΎûùΏÖÜά£έήίϊΐόύΑΒΓΔΕΖΗ½ΘΙ«»░▒▓│┤ΚΛ..╣║╗╝ΞΟ┐└┴┬├─┼ΠΡ╚╔╩╦╠═╬ΣΤΥΦΧΨΩαβγ┘┌█▄δε▀ζηθικλμνξοπρσςτ´\xad±υφχ§ψ.°¨ωϋΰώ■\xa0',
  cp852: 'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\xad˝˛ˇ˘§÷¸°¨˙űŘř■\xa0',
  cp853: 'ÇüéâäàĉçêëèïîìÄĈÉċĊôöòûùİÖÜĝ£Ĝ×ĵáíóúñÑĞğĤĥ.½Ĵş«»░▒▓│┤ÁÂÀŞ╣║╗╝Żż┐└┴┬├─┼Ŝŝ╚╔╩╦╠═╬¤..ÊËÈıÍÎÏ┘┌█▄.Ì▀ÓßÔÒĠġµĦħÚÛÙŬŭ.´\xad.ℓŉ˘§÷¸°¨˙.³²■\xa0',
  cp855: 'ђЂѓЃёЁєЄѕЅіІїЇјЈљЉњЊћЋќЌўЎџЏюЮъЪаАбБцЦдДеЕфФгГ«»░▒▓│┤хХиИ╣║╗╝йЙ┐└┴┬├─┼кК╚╔╩╦╠═╬¤лЛмМнНоОп┘┌█▄Пя▀ЯрРсСтТуУжЖвВьЬ№\xadыЫзЗшШэЭщЩчЧ§■\xa0',
  cp857: 'ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ.ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ.×ÚÛÙìÿ¯´\xad±.¾¶§÷¸°¨·¹³²■\xa0',
  cp858: 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\xad±‗¾¶§÷¸°¨·¹³²■\xa0',
  cp860: `ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧ÓáíóúñÑªº¿Ò¬½¼¡«»${lines437}${maths437}`,
  cp861: `ÇüéâäàåçêëèÐðÞÄÅÉæÆôöþûÝýÖÜø£Ø₧ƒáíóúÁÍÓÚ¿⌐¬½¼¡«»${lines437}${maths437}`,
  cp862: `${hebrewLetters}¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»${lines437}${maths437}`,
  cp863: `ÇüéâÂà¶çêëèïî‗À§ÉÈÊôËÏûù¤ÔÜ¢£ÙÛƒ¦´óú¨¸³¯Î⌐¬½¼¾«»${lines437}${maths437}`,
  cp864: '°·∙√▒─│┼┤┬├┴┐┌└┘β∞φ±½¼≈«»\ufef7\ufef8..\ufefb\ufefc.\xa0\xad\ufe82£¤\ufe84..\ufe8e\ufe8f\ufe95\ufe99\u060c\ufe9d\ufea1\ufea5\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\ufed1\u061b\ufeb1\ufeb5\ufeb9\u061f¢\ufe80\ufe81\ufe83\ufe85\ufeca\ufe8b\ufe8d\ufe91\ufe93\ufe97\ufe9b\ufe9f\ufea3\ufea7\ufea9\ufeab\ufead\ufeaf\ufeb3\ufeb7\ufebb\ufebf\ufec1\ufec5\ufecb\ufecf¦¬÷×\ufec9\u0640\ufed3\ufed7\ufedb\ufedf\ufee3\ufee7\ufeeb\ufeed\ufeef\ufef3\ufebd\ufecc\ufece\ufecd\ufee1\ufe7d\u0651\ufee5\ufee9\ufeec\ufef0\ufef2\ufed0\ufed5\ufef5\ufef6\ufedd\ufed9\ufef1■.',
  cp865: `ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤${lines437}${maths437}`,
  cp869: '......Ά.·¬¦‘’Έ―ΉΊΪΌ..ΎΫ©Ώ²³ά£έήίϊΐόύΑΒΓΔΕΖΗ½ΘΙ«»░▒▓│┤ΚΛΜΝ╣║╗╝ΞΟ┐└┴┬├─┼ΠΡ╚╔╩╦╠═╬ΣΤΥΦΧΨΩαβγ┘┌█▄δε▀ζηθικλμνξοπρσςτ΄\xad±υφχ§ψ΅°¨ωϋΰώ■\xa0',
  cp1098: '..\u060c\u061b\u061f\u064b\u0622\ufe82\u0627\ufe8e\u0621\u0623\ufe84\u0624\ufe8b\u0628\ufe91\ufb56\ufb58\u062a\ufe97\u062b\ufe9b\u062c\ufe9f\ufb7a\ufb7c×\u062d\ufea3\u062e\ufea7\u062f\u0630\u0631\u0632\ufb8a\u0633\ufeb3\u0634\ufeb7\u0635\ufebb.......\u0636\ufebf\ufec1\ufec3....¤\ufec5.......\ufec7\u0639........\ufeca\ufecb\ufecc\u063a\ufece\ufecf\ufed0\u0641\ufed3....\u0642\ufed7.\ufb8e\ufedb\ufb92\ufb94\u0644\ufedf\u0645\ufee3\u0646\ufee7\u0648\u0647\ufeeb\ufeec\ufba4\ufbfc\xad\ufbfd\ufbfe\u0640\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669..',
  cp1125: `АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп${lines437}рстуфхцчшщъыьэюяЁёҐґЄєІіЇї..№¤■\xa0`,
}

/** Pages that the WHATWG Encoding Standard defines, by their label there. */
const standardPages: Readonly<Partial<Record<CodePageName, string>>> = {
  cp866: 'ibm866',
  cp874: 'windows-874',
  'windows-1250': 'windows-1250',
  'windows-1251': 'windows-1251',
  'windows-1252': 'windows-1252',
  'windows-1253': 'windows-1253',
  'windows-1254': 'windows-1254',
  'windows-1255': 'windows-1255',
  'windows-1256': 'windows-1256',
  'windows-1257': 'windows-1257',
  'windows-1258': 'windows-1258',
  'iso-8859-2': 'iso-8859-2',
  'iso-8859-7': 'iso-8859-7',
  'iso-8859-15': 'iso-8859-15',
}

/** ISO 8859-7 got € and two more letters in 2003, after most printers' ROMs were made. */
const addedIn2003: ReadonlySet<number> = new Set([0xa4, 0xa5, 0xaa])

/**
 * The characters of a page's bytes 80h to FFh as code points; 0 where a byte spells nothing.
 * Bytes 20h to 7Eh are ASCII on every page once the international character set is USA (ESC R 0).
 */
export function codePageTable(name: CodePageName): Uint16Array {
  if (name === 'katakana') return katakanaTable()
  const label = standardPages[name]
  if (label !== undefined) return standardTable(name, label)
  return Uint16Array.from(dosPages[name] as string, (char) =>
    char === undefinedByte ? 0 : char.charCodeAt(0),
  )
}

function standardTable(name: CodePageName, label: string): Uint16Array {
  const text = new TextDecoder(label).decode(Uint8Array.from({ length: 128 }, (_, index) => 128 + index))
  return Uint16Array.from(text, (char, index) => {
    const code = char.charCodeAt(0)
    // The standard fills gaps with C1 controls and U+FFFD; on paper they are nothing.
    const missing = code < 0xa0 || code === 0xfffd || (name === 'iso-8859-7' && addedIn2003.has(128 + index))
    return missing ? 0 : code
  })
}

/** JIS X 0201: half-width katakana in A1h–DFh. What printers put into the rest differs from maker to maker. */
function katakanaTable(): Uint16Array {
  const table = new Uint16Array(128)
  for (let byte = 0xa1; byte <= 0xdf; byte++) table[byte - 128] = 0xff61 + byte - 0xa1
  return table
}

/** Characters that Unicode has twice and Shift-JIS once; the decoder gives the other of the two. */
const shiftJisAliases: ReadonlyArray<readonly [number, number]> = [
  [0x301c, 0x8160],
  [0x2016, 0x8161],
  [0x2212, 0x817c],
]

/**
 * Code point to two-byte Shift-JIS code of every character of JIS X 0208, 0 where there is none. The makers' extensions
 * (row 13, IBM kanji) are left out: not every ROM has them. 128 KB: build it only for a printer with Japanese characters.
 */
export function shiftJisTable(): Uint16Array {
  const table = new Uint16Array(0x1_0000)
  const decoder = new TextDecoder('shift_jis')
  for (let lead = 0x81; lead <= 0xea; lead++) {
    if (lead >= 0x85 && lead <= 0x87) continue
    if (lead >= 0xa0 && lead <= 0xdf) continue
    for (let trail = 0x40; trail <= 0xfc; trail++) {
      const text = decoder.decode(Uint8Array.of(lead, trail))
      // A pair that spells nothing decodes to U+FFFD, followed by the trail byte where that is ASCII.
      if (text.length === 1 && text !== '\ufffd') table[text.charCodeAt(0)] = (lead << 8) | trail
    }
  }
  for (const [code, bytes] of shiftJisAliases) table[code] = bytes
  return table
}
