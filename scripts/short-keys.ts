/** Gives the keys of the words two letters each in the pages that are built: full names are a third of what browsers would load. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** `box.net.title` in quotes of any kind. */
const quotedKey = /(['"`])([a-z]+(?:\.[A-Za-z0-9_-]+)+)\1/g
/** `common.role.${role}`: keys that are put together while the page runs. */
const madeKey = /`([a-z]+\.[^`\s]*\$\{[^`]*)`/g
const plural = /\.(one|other)$/

/** Reads the pages below `dir` and answers what shortens the keys in the text of one of their modules. */
export function keyShortener(dir: string): (code: string) => string {
  const short = shortKeys(dir)
  return (code) =>
    code.replace(quotedKey, (found, quote: string, key: string) => {
      const form = plural.exec(key)?.[0] ?? ''
      const name = short.get(key.slice(0, key.length - form.length))
      return name === undefined ? found : `${quote}${name}${form}${quote}`
    })
}

/** Short names by key, the two forms of a plural by their stem. A key that is put together keeps its name. */
function shortKeys(dir: string): ReadonlyMap<string, string> {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()
  const textOf = (path: string) => readFileSync(join(dir, path), 'utf8')
  const made = paths
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) => [...textOf(path).matchAll(madeKey)].map(([, template = '']) => fitting(template)))
  const keys = paths
    .filter((path) => /^words\/\w+\/en\.ts$/.test(path))
    .flatMap((path) => [...textOf(path).matchAll(/^ {2}'([a-z]+\.[^']+)':/gm)].map(([, key = '']) => key))
  const stems = new Set(keys.map((key) => key.replace(plural, '')))
  const wanted = [...stems].filter((stem) => !made.some((fits) => fits.test(stem)))
  return new Map(wanted.map((stem, index) => [stem, lettersOf(index)]))
}

/** What a template may make: anything in its gaps. Forms of plurals do not count. */
function fitting(template: string): RegExp {
  const parts = template.split(/\$\{[^}]*\}/).map((part) => RegExp.escape(part.replace(plural, '')))
  return new RegExp(`^${parts.join('.+')}$`)
}

function lettersOf(index: number): string {
  const { length } = letters
  const rest = Math.floor(index / length)
  return (rest < length ? letters.charAt(rest) : lettersOf(rest)) + letters.charAt(index % length)
}
