/** Style as a test: import directions, dead files, banned calls, long files, documents that lie, rules without tests. */
import { fileURLToPath } from 'node:url'
import {
  type Allowances,
  deadFiles,
  documents,
  fileLengths,
  forbiddenCalls,
  importDirections,
  leftovers,
  numberedRules,
  projectAllowances,
} from './checks.ts'
import { type Problem, readTree } from './tree.ts'

export interface Report {
  problems: Problem[]
  /** How much was looked at, so that an empty list means something. */
  counts: { files: number; imports: number; documents: number; rulesWritten: number; rulesTested: number }
}

export function tidy(root: string, allowances: Allowances = projectAllowances): Report {
  const tree = readTree(root)
  const rules = numberedRules(tree)
  const problems = [
    ...importDirections(tree),
    ...deadFiles(tree),
    ...forbiddenCalls(tree, allowances),
    ...leftovers(tree),
    ...fileLengths(tree, allowances),
    ...documents(tree),
    ...rules.problems,
  ]
  return {
    problems,
    counts: {
      files: tree.sources.size,
      imports: [...tree.sources.values()].reduce((sum, { imports }) => sum + imports.length, 0),
      documents: tree.paths.filter((path) => path.endsWith('.md')).length,
      rulesWritten: rules.written.size,
      rulesTested: rules.tested.size,
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { problems, counts } = tidy(fileURLToPath(new URL('../../', import.meta.url)))
  for (const { file, line, message } of problems) console.error(`${file}:${line}: ${message}`)
  const found = problems.length === 0 ? 'nothing to mend' : `${problems.length} to mend`
  const { files, imports, rulesWritten } = counts
  console.log(
    `tidy: ${found} in ${files} files, ${imports} imports, ${counts.documents} documents, ${rulesWritten} rules`,
  )
  process.exitCode = problems.length === 0 ? 0 : 1
}
