/**
 * The GS1 application identifiers and what each may hold (GS1 General Specifications, section 3; the newest ones as of the
 * AI table that bwip-js 4.11 carries). Data only; gs1.ts reads it.
 */

/**
 * One part of a value: `n` digits, `x` characters of GS1 set 82, `y` of set 39, `z` of set 64 (file-safe base64).
 * `n14` is exactly 14, `x..20` is 1 to 20; `c` after it: the last digit is a mod-10 check digit; `?` may be left out.
 */
type Format = string

/** Expands `310n:0-5` to 3100 … 3105. */
const formats: readonly (readonly [Format, string])[] = [
  ['n18c', '00 8017 8018'],
  ['n14c', '01 02 03'],
  ['x..20', '10 21 22 243 254 420 710 711 712 713 714 715 716 717 4318 7020 7021 7022 7240 8002 8012'],
  ['n6', '11 12 13 15 16 17 4326 7006 8005'],
  ['n6', '310n:0-5 311n:0-5 312n:0-5 313n:0-5 314n:0-5 315n:0-5 316n:0-5'],
  ['n6', '320n:0-5 321n:0-5 322n:0-5 323n:0-5 324n:0-5 325n:0-5 326n:0-5 327n:0-5 328n:0-5 329n:0-5'],
  ['n6', '330n:0-5 331n:0-5 332n:0-5 333n:0-5 334n:0-5 335n:0-5 336n:0-5 337n:0-5'],
  ['n6', '340n:0-5 341n:0-5 342n:0-5 343n:0-5 344n:0-5 345n:0-5 346n:0-5 347n:0-5 348n:0-5 349n:0-5'],
  ['n6', '350n:0-5 351n:0-5 352n:0-5 353n:0-5 354n:0-5 355n:0-5 356n:0-5 357n:0-5'],
  ['n6', '360n:0-5 361n:0-5 362n:0-5 363n:0-5 364n:0-5 365n:0-5 366n:0-5 367n:0-5 368n:0-5 369n:0-5'],
  ['n2', '20 7241'],
  ['x..28', '235'],
  ['x..30', '240 241 250 251 400 401 403 4308 4319 7002 7023 8004 90'],
  ['n..6', '242'],
  ['n13c x..17?', '253'],
  ['n13c n..12?', '255'],
  ['n..8', '30 37'],
  ['n..15', '390n:0-9 392n:0-9'],
  ['n3 n..15', '391n:0-9 393n:0-9'],
  ['n4', '394n:0-3 8111'],
  ['n6', '395n:0-5'],
  ['n17c', '402'],
  ['n13c', '410 411 412 413 414 415 416 417'],
  ['n3 x..9', '421'],
  ['n3', '422 424 426'],
  ['n3 n3? n3? n3? n3?', '423 425'],
  ['x..3', '427 7008'],
  ['x..35', '4300 4301 4310 4311 4320'],
  ['x..70', '4302 4303 4304 4305 4306 4312 4313 4314 4315 4316 7257 8110 8112 8200'],
  ['x2', '4307 4317'],
  ['n20', '4309'],
  ['n1', '4321 4322 4323 7252'],
  ['n10', '4324 4325 7003'],
  ['n6 x1?', '4330 4331 4332 4333'],
  ['n13', '7001'],
  ['n..4', '7004'],
  ['x..12', '7005'],
  ['n6 n6?', '7007'],
  ['x..10', '7009 7255'],
  ['x..2', '7010'],
  ['n6 n4?', '7011'],
  ['n3 x..27', '703n:0-9'],
  ['n1 x3', '7040'],
  ['x..4', '7041'],
  ['x2 x..28', '723n:0-9'],
  ['x..25', '7242 8013 8014 8020'],
  ['n8', '7250'],
  ['n12', '7251'],
  ['x..40', '7253 7254 7259'],
  ['x..90', '7256 91 92 93 94 95 96 97 98 99'],
  ['x3', '7258'],
  ['n14', '8001'],
  ['n14c x..16?', '8003'],
  ['x..34', '8007'],
  ['n8 n2? n2?', '8008'],
  ['x..50', '8009'],
  ['y..30', '8010'],
  ['n..12', '8011'],
  ['n..10', '8019'],
  ['n14c n4', '8006 8026'],
  ['z..90', '8030'],
  ['n15', '8040 8041'],
  ['n32', '8042'],
  ['n18 n..2?', '8043'],
]

export interface Gs1Part {
  set: 'n' | 'x' | 'y' | 'z'
  charsMin: number
  charsMax: number
  /** The last digit is a check digit. */
  checked: boolean
  /** It may be left out, and what follows it with it. */
  optional: boolean
}

/** The parts of each application identifier. */
export const gs1Table: ReadonlyMap<string, readonly Gs1Part[]> = new Map(
  formats.flatMap(([format, names]) => {
    const parts = format.split(' ').map(readPart)
    return names.split(' ').flatMap((name) => expand(name).map((ai) => [ai, parts] as const))
  }),
)

/**
 * Identifiers whose value has a length fixed for ever by their first two digits, so that no separator is needed after it;
 * the number is that of the value's digits and of the identifier together (GS1 General Specifications, figure 7.8.5-2).
 */
export const predefinedChars: Readonly<Record<string, number>> = {
  '00': 20,
  '01': 16,
  '02': 16,
  '03': 16,
  '04': 18,
  '11': 8,
  '12': 8,
  '13': 8,
  '14': 8,
  '15': 8,
  '16': 8,
  '17': 8,
  '18': 8,
  '19': 8,
  '20': 4,
  '31': 10,
  '32': 10,
  '33': 10,
  '34': 10,
  '35': 10,
  '36': 10,
  '41': 16,
}

/** Primary keys of a GS1 Digital Link and the qualifiers that may follow each in its path, in this order. */
export const linkKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '00': [[]],
  '01': [['22', '10', '21'], ['235']],
  '253': [[]],
  '255': [[]],
  '401': [[]],
  '402': [[]],
  '414': [['254'], ['7040']],
  '415': [['8020']],
  '417': [['7040']],
  '8003': [[]],
  '8004': [['7040']],
  '8006': [['22', '10', '21']],
  '8010': [['8011']],
  '8013': [[]],
  '8017': [['8019']],
  '8018': [['8019']],
}

/** Short names that Digital Links of the first edition of the standard use in the path. */
export const linkAliases: Readonly<Record<string, string>> = {
  sscc: '00',
  gtin: '01',
  cpv: '22',
  lot: '10',
  ser: '21',
  gdti: '253',
  gcn: '255',
  ginc: '401',
  gsin: '402',
  gln: '414',
  glnx: '254',
  payTo: '415',
  refno: '8020',
  party: '417',
  grai: '8003',
  giai: '8004',
  itip: '8006',
  cpid: '8010',
  cpsn: '8011',
  gmn: '8013',
  gsrnp: '8017',
  gsrn: '8018',
  srin: '8019',
}

function readPart(text: string): Gs1Part {
  const [, set = 'x', dots, chars, checked, optional] = /^([nxyz])(\.\.)?(\d+)(c?)(\??)$/.exec(text) ?? []
  return {
    set: set as Gs1Part['set'],
    charsMin: dots === undefined ? Number(chars) : 1,
    charsMax: Number(chars),
    checked: checked === 'c',
    optional: optional === '?',
  }
}

function expand(name: string): string[] {
  const [, stem, first, last] = /^(\d+)n:(\d)-(\d)$/.exec(name) ?? []
  if (stem === undefined) return [name]
  const count = Number(last) - Number(first) + 1
  return Array.from({ length: count }, (_, index) => `${stem}${Number(first) + index}`)
}
