/** The project as tidy sees it: its files, their text, and what each imports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

export interface Problem {
  /** Path from the root. */
  file: string
  line: number
  message: string
}

export interface Import {
  /** A path from the root, `node:fs`, or `npm:zod`. */
  target: string
  line: number
  dynamic: boolean
}

export interface SourceFile {
  path: string
  text: string
  /** The text with comments and the contents of strings blanked, so that code can be searched. Lines stay where they are. */
  code: string
  imports: readonly Import[]
}

export interface Tree {
  root: string
  /** Every file that belongs to the project. */
  paths: readonly string[]
  sources: ReadonlyMap<string, SourceFile>
  read(path: string): string
}

const foldersLeftOut = new Set(['node_modules', 'dist', 'data', '.git', '.vite', 'coverage'])

export function readTree(root: string): Tree {
  const paths: string[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!foldersLeftOut.has(entry.name)) walk(path)
      } else paths.push(path)
    }
  }
  walk('')
  paths.sort()
  const known = new Set(paths)
  const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8')
  const sources = new Map<string, SourceFile>()
  for (const path of paths.filter((name) => /\.(tsx?|mts|html)$/.test(name))) {
    const text = read(path)
    sources.set(path, { path, text, code: blank(text, true), imports: importsOf(path, text, known) })
  }
  return { root, paths, sources, read }
}

export const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length

export const exists = (tree: Tree, path: string): boolean => existsSync(`${tree.root}/${path}`)

// A comment, a string, or a regular expression where an expression may begin.
const lexeme =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[(,=:[!&|?{};>]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g

function blank(text: string, strings: boolean): string {
  const spaces = (part: string) => part.replace(/[^\n]/g, ' ')
  return text.replace(lexeme, (part) => {
    if (part.startsWith('//') || part.startsWith('/*')) return spaces(part)
    if (!strings) return part
    // What a template computes is code: it stays.
    if (part.startsWith('`'))
      return part.replace(/\$\{[^}]*\}|[\s\S]/g, (piece) => (piece.length > 1 ? piece : spaces(piece)))
    return spaces(part)
  })
}

const importForms: readonly { form: RegExp; dynamic: boolean }[] = [
  { form: /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"\n]+)['"]/gm, dynamic: false },
  { form: /^\s*import\s*['"]([^'"\n]+)['"]/gm, dynamic: false },
  { form: /\bimport\s*\(\s*['"]([^'"\n]+)['"]\s*,?\s*\)/g, dynamic: true },
  { form: /\bnew URL\(\s*['"]([^'"\n]+)['"],\s*import\.meta\.url/g, dynamic: true },
  { form: /<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+)"/g, dynamic: false },
]

function importsOf(path: string, text: string, known: ReadonlySet<string>): Import[] {
  const code = path.endsWith('.html') ? text : blank(text, false)
  const imports: Import[] = []
  for (const { form, dynamic } of importForms) {
    if (form.source.startsWith('<') !== path.endsWith('.html')) continue
    for (const match of code.matchAll(form)) {
      const specifier = match[1] ?? ''
      const line = lineAt(code, match.index + match[0].length)
      const target = resolveImport(path, specifier, known)
      // A URL of a folder or of a data file is no import.
      if (form.source.includes('new URL') && !known.has(target)) continue
      imports.push({ target, line, dynamic })
    }
  }
  return imports
}

function resolveImport(from: string, specifier: string, known: ReadonlySet<string>): string {
  if (specifier.startsWith('node:')) return specifier
  const isPath = /^[./]/.test(specifier) || from.endsWith('.html')
  if (!isPath)
    return `npm:${specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')}`
  const path = posix.join(posix.dirname(from), specifier.replace(/[?#].*$/, ''))
  return known.has(path)
    ? path
    : (['.ts', '.tsx'].map((end) => path + end).find((name) => known.has(name)) ?? path)
}
