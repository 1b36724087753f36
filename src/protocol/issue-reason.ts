/** What is wrong with a field, as a person would say it, from what the schema library says. */
import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** Words for what a schema expects. */
const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

const examples: Readonly<Record<string, string>> = {
  datetime: 'is not a time such as 2026-11-24T09:30:00Z',
  date: 'is not a date such as 2026-11-24',
}

/** Continues a sentence that begins with the path: `order.id: is missing`. */
export function issueReason(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongKind(issue.expected, /received (\w+)/.exec(issue.message)?.[1])
    case 'too_big':
      return limit('more', issue.maximum, issue.origin)
    case 'too_small':
      if (!isNumber(issue.origin) && Number(issue.minimum) === 1) return 'is empty'
      return limit('less', issue.minimum, issue.origin)
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`
    case 'invalid_format':
      return /^Invalid /.test(issue.message)
        ? (examples[issue.format] ?? 'is not written right')
        : plain(issue.message)
    case 'unrecognized_keys':
      return 'is not a known field'
    case 'invalid_union':
      return /^Invalid input/.test(issue.message)
        ? 'fits none of the forms it may have'
        : plain(issue.message)
    default:
      return plain(issue.message)
  }
}

function wrongKind(expected: string, received: string | undefined): string {
  const wanted = kinds[expected] ?? expected
  if (received === undefined || received === 'undefined') return 'is missing'
  if (expected === 'int' && received === 'number') return 'is not a whole number'
  if (expected === 'string' && received === 'number') return 'is a number; send it as text, such as "1.50"'
  if (expected === 'number' && received === 'string') return 'is text; send it as a number'
  return `is ${kinds[received] ?? received}; it must be ${wanted}`
}

const isNumber = (origin: string): boolean => origin === 'number' || origin === 'int' || origin === 'bigint'

/** Of text and lists something is counted; numbers are the count themselves. */
function limit(way: 'less' | 'more', bound: number | bigint, origin: string): string {
  if (isNumber(origin)) return `is ${way} than ${bound}`
  return `has ${way === 'less' ? 'fewer' : 'more'} than ${bound} ${origin === 'string' ? 'characters' : 'entries'}`
}

const plain = (message: string): string => message.replace(/\.$/, '')
