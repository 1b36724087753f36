/** Who may import whom: DESIGN.md section 1 as a table. The first row whose `files` fit a file is its row. */

export interface ImportRow {
  name: string
  files: RegExp
  /**
   * What its files may import, beside their own folder: path beginnings, `node:`, `npm:` for every package or `npm:NAME`.
   * `dynamic:` before a path allows it by `import()` only; `class:` before one means below the folder of the device class.
   */
  may: readonly string[]
  /** How much of the path is the "own folder"; default: what `files` matches. */
  own?: RegExp
}

const protocol = 'src/protocol/'
const transportContract = 'src/drivers/transports/transport.ts'
const driverContract = 'src/drivers/driver.ts'
const storeContract = 'src/store/store.ts'

export const importRows: readonly ImportRow[] = [
  { name: 'main.ts, doors.ts', files: /^src\/(main|doors)\.ts$/, may: ['src/', 'node:', 'npm:'] },
  {
    name: 'cli',
    files: /^src\/cli(\.ts$|\/)/,
    may: [protocol, 'src/cli/', 'src/hub/', 'src/store/', 'dynamic:src/main.ts', 'node:', 'npm:'],
  },
  { name: 'protocol', files: /^src\/protocol\//, may: ['npm:zod'] },
  {
    name: 'drivers/transports',
    files: /^src\/drivers\/transports\//,
    may: [protocol, 'src/drivers/framing/', 'node:', 'npm:'],
  },
  { name: 'drivers/framing', files: /^src\/drivers\/framing\//, may: [protocol, transportContract] },
  {
    name: 'drivers/imaging',
    files: /^src\/drivers\/imaging\//,
    may: [protocol, 'src/drivers/driver.ts', 'node:', 'npm:'],
  },
  {
    name: 'what twins of a class share',
    files: /^src\/drivers\/[^/]+\/common\/twin\//,
    own: /^src\/drivers\/[^/]+\/common\/twin\//,
    may: [
      protocol,
      driverContract,
      'src/drivers/twin-line.ts',
      transportContract,
      'src/drivers/framing/',
      'src/drivers/imaging/',
      'npm:zod',
    ],
  },
  {
    name: 'what drivers of a class share',
    files: /^src\/drivers\/[^/]+\/common\//,
    own: /^src\/drivers\/[^/]+\/common\//,
    may: [
      protocol,
      driverContract,
      transportContract,
      'src/drivers/framing/',
      'src/drivers/imaging/',
      'npm:zod',
    ],
  },
  {
    name: 'the twin of a driver',
    files: /^src\/drivers\/[^/]+\/[^/]+\/twin(\.ts$|[-/])/,
    own: /^src\/drivers\/[^/]+\/[^/]+\/twin(\.ts$|[-/])/,
    may: [
      'class:common/twin/',
      protocol,
      driverContract,
      'src/drivers/twin-line.ts',
      transportContract,
      'src/drivers/framing/',
      'src/drivers/imaging/',
      'npm:zod',
    ],
  },
  {
    name: 'a driver',
    files: /^src\/drivers\/[^/]+\/[^/]+\/(?!twin(\.ts$|[-/]))/,
    own: /^src\/drivers\/[^/]+\/[^/]+\/(?!twin(\.ts$|[-/]))/,
    may: [
      'class:common/',
      protocol,
      driverContract,
      transportContract,
      'src/drivers/framing/',
      'src/drivers/imaging/',
      'npm:zod',
    ],
  },
  {
    name: 'drivers/driver.ts',
    files: /^src\/drivers\/driver\.ts$/,
    may: [protocol, transportContract, 'npm:zod'],
  },
  {
    name: 'drivers/registry',
    files: /^src\/drivers\/[^/]+$/,
    may: [protocol, 'src/drivers/', 'node:', 'npm:zod'],
  },
  { name: 'store', files: /^src\/store\//, may: [protocol, 'node:'] },
  { name: 'till/engine', files: /^src\/till\/engine\//, may: [protocol] },
  { name: 'webhook', files: /^src\/webhook\//, may: [protocol, 'node:'] },
  { name: 'till', files: /^src\/till\//, may: [protocol, storeContract, 'src/webhook/', 'node:'] },
  {
    name: 'hub',
    files: /^src\/hub\//,
    may: [
      protocol,
      'src/drivers/registry.ts',
      'src/drivers/demo.ts',
      driverContract,
      transportContract,
      storeContract,
      'src/till/till.ts',
      'src/webhook/',
      'node:',
      'npm:',
    ],
  },
  {
    name: 'ui',
    files: /^src\/ui\//,
    may: [protocol, 'src/till/engine/', 'npm:preact', 'npm:@preact/signals'],
  },
]

/** What a file may import, as a question. undefined: the file has no row. */
export function importRowOf(file: string): ImportRow | undefined {
  return importRows.find(({ files }) => files.test(file))
}

export function mayImport(row: ImportRow, file: string, target: string, dynamic: boolean): boolean {
  const own = row.own ?? row.files
  const ownPart = own.exec(file)?.[0]
  if (own.test(target) && (row.own === undefined || sameFolder(own, ownPart, target, file))) return true
  return row.may.some((entry) => {
    const onlyDynamic = entry.startsWith('dynamic:')
    const ofClass = entry.startsWith('class:')
    const place = onlyDynamic
      ? entry.slice('dynamic:'.length)
      : ofClass
        ? `${file.split('/').slice(0, 3).join('/')}/${entry.slice('class:'.length)}`
        : entry
    if (onlyDynamic && !dynamic) return false
    if (place === 'npm:' || place === 'node:' || place.endsWith('/')) return target.startsWith(place)
    return target === place
  })
}

/** For drivers the own folder is the language's, src/drivers/CLASS/LANGUAGE: never another driver's. */
function sameFolder(own: RegExp, ownPart: string | undefined, target: string, file: string): boolean {
  const language = (path: string) => path.split('/').slice(0, 4).join('/')
  return ownPart !== undefined && own.test(target) && language(file) === language(target)
}
