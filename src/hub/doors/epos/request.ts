/** A request as a till sends it: an envelope of SOAP or none, parameters in its header or in the address. */
import { HubError } from '../../../protocol/errors.ts'
import { eposLimits } from './epos-limits.ts'
import { readXml, type XmlElement } from './xml.ts'

export interface EposRequest {
  devid: string | undefined
  /** How long the till waits, in ms. */
  timeoutMs: number
  /** Told back, and no more: tills give the same to many receipts. */
  printJobId: string | undefined
  /** `<epos-print>`. */
  document: XmlElement
}

const printJobIdCharsMax = 100

/** Throws HubError `params_invalid`. */
export function readRequest(body: string, query: URLSearchParams): EposRequest {
  const root = readXml(body)
  const document = find(root, 'epos-print')
  if (document === undefined)
    throw new HubError('params_invalid', { path: 'the XML', reason: 'has no <epos-print>' })
  const parameters = find(root, 'parameter')?.children ?? []
  const parameter = (name: string) =>
    parameters.find((each) => each.name === name)?.text.trim() || query.get(name)?.trim() || undefined
  return {
    devid: parameter('devid'),
    timeoutMs: timeoutOf(parameter('timeout')),
    printJobId: parameter('printjobid')?.slice(0, printJobIdCharsMax),
    document,
  }
}

function timeoutOf(text: string | undefined): number {
  const { timeoutMsDefault, timeoutMsMax, timeoutMsMin } = eposLimits
  if (text === undefined || !/^\d{1,9}$/.test(text)) return timeoutMsDefault
  return Math.min(timeoutMsMax, Math.max(timeoutMsMin, Number(text)))
}

/** The element of that name, the outermost first. */
function find(element: XmlElement, name: string): XmlElement | undefined {
  if (element.name === name) return element
  // Nothing stands below the document itself.
  if (element.name === 'epos-print') return undefined
  for (const child of element.children) {
    const found = find(child, name)
    if (found !== undefined) return found
  }
  return undefined
}
