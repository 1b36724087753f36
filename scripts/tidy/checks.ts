/** The checks of tidy: each takes the tree and answers problems. */
import { posix } from 'node:path'
import { allowedCalls, bannedCalls, fileLinesMax, longFiles } from './allowances.ts'
import { importRowOf, mayImport } from './import-rules.ts'
import { exists, lineAt, type Problem, type Tree } from './tree.ts'

/** A made-up tree has allowances of its own. */
export interface Allowances {
  allowedCalls: Readonly<Record<string, string>>
  longFiles: Readonly<Record<string, number>>
}
export const projectAllowances: Allowances = { allowedCalls, longFiles }

const inSrc = (path: string): boolean => path.startsWith('src/')

export function importDirections(tree: Tree): Problem[] {
  const problems: Problem[] = []
  for (const { path, imports } of tree.sources.values()) {
    if (!inSrc(path) || !/\.tsx?$/.test(path)) continue
    const row = importRowOf(path)
    if (row === undefined) {
      problems.push({
        file: path,
        line: 1,
        message: 'belongs to no row of the import table (scripts/tidy/import-rules.ts)',
      })
      continue
    }
    for (const { target, line, dynamic } of imports) {
      if (!mayImport(row, path, target, dynamic)) {
        problems.push({ file: path, line, message: `${row.name} may not import ${target}` })
      }
    }
  }
  return problems
}

/** Files that nothing reaches from the commands, the tests, the scripts or a page. */
export function deadFiles(tree: Tree): Problem[] {
  const isRoot = (path: string): boolean =>
    ['src/cli.ts', 'src/main.ts'].includes(path) ||
    /^tests\/.*\.test\.ts$|^tests\/lab\/main\.ts$|^tests\/manual\/|^scripts\/|\.html$|^[^/]+\.config\.ts$/.test(
      path,
    )
  const reached = new Set([...tree.sources.keys()].filter(isRoot))
  for (const path of reached) {
    const targets = (tree.sources.get(path)?.imports ?? []).map(({ target }) => target)
    for (const target of [...targets, ...(inSrc(path) ? [] : namedFiles(tree, path))]) {
      if (tree.sources.has(target)) reached.add(target)
    }
  }
  return [...tree.sources.keys()]
    .filter((path) => !reached.has(path) && !path.endsWith('.d.ts'))
    .map((file) => ({ file, line: 1, message: 'nothing imports this file' }))
}

/** Tests and scripts start other files in processes of their own, by path or by the bare name of a support file. */
function namedFiles(tree: Tree, path: string): string[] {
  const text = tree.sources.get(path)?.text ?? ''
  const folder = posix.dirname(path)
  return [...text.matchAll(/['"`]([\w./-]+)['"`]/g)].flatMap(([, name = '']) =>
    /\.tsx?$/.test(name)
      ? [posix.normalize(name), posix.join(folder, name)]
      : [`${folder}/support/${name}.ts`],
  )
}

export function forbiddenCalls(tree: Tree, allowances: Allowances = projectAllowances): Problem[] {
  const problems: Problem[] = []
  const used = new Set<string>()
  for (const { path, code } of tree.sources.values()) {
    for (const { name, call, where, instead } of bannedCalls) {
      if (!where.test(path)) continue
      for (const match of code.matchAll(call)) {
        const key = `${path}: ${name}`
        if (key in allowances.allowedCalls) used.add(key)
        else
          problems.push({
            file: path,
            line: lineAt(code, match.index),
            message: `${name} is not used here: ${instead}`,
          })
      }
    }
  }
  for (const key of Object.keys(allowances.allowedCalls).filter((entry) => !used.has(entry))) {
    problems.push({
      file: 'scripts/tidy/allowances.ts',
      line: 1,
      message: `"${key}" is not needed any more: take it off the list`,
    })
  }
  return problems
}

export function leftovers(tree: Tree): Problem[] {
  const problems: Problem[] = []
  for (const { path, text } of tree.sources.values()) {
    for (const match of text.matchAll(/\/[/*].*\b(TO[D]O|FIX[M]E)\b/g)) {
      problems.push({
        file: path,
        line: lineAt(text, match.index),
        message: `${match[1]}: do it, or write it down where work is planned`,
      })
    }
  }
  return problems
}

export function fileLengths(tree: Tree, allowances: Allowances = projectAllowances): Problem[] {
  const problems: Problem[] = []
  const listed = new Set(Object.keys(allowances.longFiles))
  const stale = (entry: string, reason: string) =>
    problems.push({ file: 'scripts/tidy/allowances.ts', line: 1, message: `${entry} ${reason}` })
  for (const { path, text } of tree.sources.values()) {
    if (!inSrc(path)) continue
    const lines = text.split('\n').length - 1
    const allowed = allowances.longFiles[path]
    listed.delete(path)
    if (allowed === undefined && lines > fileLinesMax) {
      problems.push({
        file: path,
        line: fileLinesMax,
        message: `${lines} lines; a file has at most ${fileLinesMax}`,
      })
    } else if (allowed !== undefined && lines > allowed) {
      problems.push({
        file: path,
        line: allowed,
        message: `${lines} lines; it had ${allowed} and may only shrink`,
      })
    } else if (allowed !== undefined && lines <= fileLinesMax)
      stale(path, 'is short enough: take it off the list')
    else if (allowed !== undefined && lines < allowed)
      stale(path, `has shrunk to ${lines} lines: write that on the list`)
  }
  for (const path of listed) stale(path, 'is gone: take it off the list')
  return problems
}

/** A pattern in a code span may look like a link; the places of everything else stay. */
const withoutCode = (text: string): string => text.replace(/`[^`\n]*`/g, (span) => ' '.repeat(span.length))

/** Relative links and `npm run` commands in documents. */
export function documents(tree: Tree): Problem[] {
  const problems: Problem[] = []
  const packageFile = JSON.parse(tree.read('package.json')) as { scripts?: Record<string, string> }
  const commands = new Set(Object.keys(packageFile.scripts ?? {}))
  for (const file of tree.paths.filter((path) => path.endsWith('.md'))) {
    const text = tree.read(file)
    for (const match of withoutCode(text).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)) {
      const link = decodeURI(match[1] ?? '').replace(/#.*$/, '')
      if (link === '' || /^[a-z][a-z+.-]*:/i.test(link)) continue
      const target = posix.join(posix.dirname(file), link)
      if (!exists(tree, target))
        problems.push({ file, line: lineAt(text, match.index), message: `the link to ${link} leads nowhere` })
    }
    for (const match of text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)) {
      const command = match[1] ?? match[2] ?? ''
      if (!commands.has(command)) {
        problems.push({
          file,
          line: lineAt(text, match.index),
          message: `there is no npm script "${command}"`,
        })
      }
    }
  }
  return problems
}

const ruleName = /^[A-Z]{1,8}\d{1,3}[a-z]?$/

export interface Rules {
  /** Rule to where it is written. */
  written: ReadonlyMap<string, Problem>
  /** Rule to where a test names it. */
  tested: ReadonlyMap<string, Problem>
  problems: Problem[]
}

/** Every rule written down (`- **ESC12** …`) has a test that names it (`it('[ESC12] …')`), and the other way round. */
export function numberedRules(tree: Tree): Rules {
  const written = new Map<string, Problem>()
  const tested = new Map<string, Problem>()
  const problems: Problem[] = []
  for (const file of tree.paths.filter((path) => /^(src|docs)\/.*\.md$/.test(path))) {
    const text = tree.read(file)
    for (const match of text.matchAll(/^\s*[-*] \*\*([A-Za-z0-9]+)\*\*/gm)) {
      const rule = match[1] ?? ''
      if (!ruleName.test(rule)) continue
      const place = { file, line: lineAt(text, match.index + match[0].length), message: rule }
      const first = written.get(rule)
      if (first === undefined) written.set(rule, place)
      else
        problems.push({ ...place, message: `rule ${rule} is written in ${first.file}:${first.line} already` })
    }
  }
  for (const { path, text } of tree.sources.values()) {
    if (!path.startsWith('tests/')) continue
    for (const match of text.matchAll(/(?<=['"`])(?:\[[A-Z]+\d+[a-z]?\]\s*)+/g)) {
      for (const [, rule = ''] of match[0].matchAll(/\[(\w+)\]/g)) {
        if (!tested.has(rule))
          tested.set(rule, { file: path, line: lineAt(text, match.index), message: rule })
      }
    }
  }
  for (const [rule, place] of written) {
    if (!tested.has(rule))
      problems.push({ ...place, message: `rule ${rule} has no test whose name contains [${rule}]` })
  }
  for (const [rule, place] of tested) {
    if (!written.has(rule))
      problems.push({ ...place, message: `[${rule}] is tested and written down nowhere` })
  }
  return { written, tested, problems }
}
