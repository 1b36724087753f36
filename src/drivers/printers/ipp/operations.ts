/** IPP requests and what their answers say, as the driver uses them (RFC 8011; PWG 5100.14, IPP Everywhere). Pure. */
import type { DriverFault } from '../../driver.ts'
import {
  groupTags,
  type IppAttribute,
  type IppMessage,
  type IppValue,
  numbersOf,
  textsOf,
  valuesOf,
  valueTags,
} from './codec.ts'

/** RFC 8011, 5.4.15. */
export const operations = {
  printJob: 0x02,
  createJob: 0x05,
  sendDocument: 0x06,
  cancelJob: 0x08,
  getJob: 0x09,
  getJobs: 0x0a,
  getPrinter: 0x0b,
} as const

/** RFC 8011, appendix B. Below 0x0100 is success. */
export const statusCodes = {
  notFound: 0x0406,
  gone: 0x0407,
  formatUnsupported: 0x040a,
  versionNotSupported: 0x0503,
  notAccepting: 0x0506,
  busy: 0x0507,
} as const

/** RFC 8011, 5.3.7. */
export const jobStates = {
  held: 4,
  stopped: 6,
  canceled: 7,
  aborted: 8,
  completed: 9,
} as const

const stoppedState = 5

const value = (tag: keyof typeof valueTags, of: IppValue['value']): IppValue => ({
  tag: valueTags[tag],
  value: of,
})
const attribute = (
  name: string,
  tag: keyof typeof valueTags,
  ...values: IppValue['value'][]
): IppAttribute => ({ name, values: values.map((each) => value(tag, each)) })

export interface RequestOptions {
  readonly printerUri: string
  readonly requestId: number
  readonly user: string
  readonly version: readonly [number, number]
}

function request(
  code: number,
  options: RequestOptions,
  operation: readonly IppAttribute[],
  job: readonly IppAttribute[] = [],
  data: Uint8Array = new Uint8Array(0),
): IppMessage {
  const { printerUri, requestId, user, version } = options
  return {
    version,
    code,
    requestId,
    groups: [
      {
        tag: groupTags.operation,
        // These two have to come first, in this order (RFC 8011, 4.1.4).
        attributes: [
          attribute('attributes-charset', 'charset', 'utf-8'),
          attribute('attributes-natural-language', 'language', 'en'),
          attribute('printer-uri', 'uri', printerUri),
          attribute('requesting-user-name', 'name', user),
          ...operation,
        ],
      },
      ...(job.length === 0 ? [] : [{ tag: groupTags.job, attributes: job }]),
    ],
    data,
  }
}

const printerQuestions = [
  'printer-name',
  'printer-info',
  'printer-make-and-model',
  'printer-uuid',
  'printer-firmware-string-version',
  'printer-state',
  'printer-state-reasons',
  'printer-state-message',
  'printer-is-accepting-jobs',
  'document-format-supported',
  'operations-supported',
  'color-supported',
  'copies-supported',
  'sides-supported',
  'media-default',
  'media-ready',
  'media-supported',
  'printer-resolution-supported',
] as const

export const getPrinter = (options: RequestOptions): IppMessage =>
  request(operations.getPrinter, options, [attribute('requested-attributes', 'keyword', ...printerQuestions)])

export interface JobTicket {
  readonly name: string
  readonly format: string
  readonly copies: number
  readonly media?: string
  readonly sides?: string
}

function jobAttributes({ copies, media, sides }: JobTicket): IppAttribute[] {
  return [
    ...(copies === 1 ? [] : [attribute('copies', 'integer', copies)]),
    ...(media === undefined ? [] : [attribute('media', 'keyword', media)]),
    ...(sides === undefined ? [] : [attribute('sides', 'keyword', sides)]),
  ]
}

export function printJob(options: RequestOptions, ticket: JobTicket, document: Uint8Array): IppMessage {
  const operation = [
    attribute('job-name', 'name', ticket.name),
    attribute('document-format', 'mimeType', ticket.format),
  ]
  return request(operations.printJob, options, operation, jobAttributes(ticket), document)
}

export function createJob(options: RequestOptions, ticket: JobTicket): IppMessage {
  const operation = [attribute('job-name', 'name', ticket.name)]
  return request(operations.createJob, options, operation, jobAttributes(ticket))
}

export function sendDocument(
  options: RequestOptions,
  jobId: number,
  format: string,
  document: Uint8Array,
): IppMessage {
  const operation = [
    attribute('job-id', 'integer', jobId),
    attribute('document-format', 'mimeType', format),
    attribute('last-document', 'boolean', true),
  ]
  return request(operations.sendDocument, options, operation, [], document)
}

export const cancelJob = (options: RequestOptions, jobId: number): IppMessage =>
  request(operations.cancelJob, options, [attribute('job-id', 'integer', jobId)])

export const getJob = (options: RequestOptions, jobId: number): IppMessage =>
  request(operations.getJob, options, [
    attribute('job-id', 'integer', jobId),
    attribute(
      'requested-attributes',
      'keyword',
      'job-id',
      'job-state',
      'job-state-reasons',
      'job-state-message',
    ),
  ])

/** Jobs, ended ones or those under way: the only way to find one whose number was not told. */
export const getJobs = (options: RequestOptions, which: 'completed' | 'not-completed'): IppMessage =>
  request(operations.getJobs, options, [
    attribute('which-jobs', 'keyword', which),
    attribute('limit', 'integer', jobsAskedMax),
    attribute('requested-attributes', 'keyword', 'job-id', 'job-name', 'job-state', 'job-state-reasons'),
  ])

/** Jobs looked through for one of ours. */
export const jobsAskedMax = 100

export interface PrinterFacts {
  readonly name: string | undefined
  readonly model: string | undefined
  readonly uuid: string | undefined
  readonly firmware: string | undefined
  readonly formats: readonly string[]
  readonly operations: readonly number[]
  readonly color: boolean
  readonly copiesMax: number
  readonly sides: readonly string[]
  readonly mediaDefault: string | undefined
  readonly mediaReady: readonly string[]
  readonly resolutions: readonly number[]
  readonly accepting: boolean
  readonly faults: readonly DriverFault[]
}

/** What the answer to Get-Printer-Attributes says; undefined when it does not tell the state, which every printer must. */
export function readPrinter(answer: IppMessage): PrinterFacts | undefined {
  const all = (name: string) => valuesOf(answer, groupTags.printer, name)
  const text = (name: string) => textsOf(all(name))[0]
  const state = numbersOf(all('printer-state'))[0]
  if (state === undefined) return undefined
  const copies = all('copies-supported')[0]?.value
  return {
    name: text('printer-info') ?? text('printer-name'),
    model: text('printer-make-and-model'),
    uuid: text('printer-uuid'),
    firmware: text('printer-firmware-string-version'),
    formats: textsOf(all('document-format-supported')),
    operations: numbersOf(all('operations-supported')),
    color: all('color-supported')[0]?.value === true,
    copiesMax: typeof copies === 'object' && 'upper' in copies ? copies.upper : 1,
    sides: textsOf(all('sides-supported')),
    mediaDefault: text('media-default'),
    mediaReady: textsOf(all('media-ready')),
    resolutions: all('printer-resolution-supported').flatMap(({ value: of }) =>
      typeof of === 'object' && 'x' in of && of.units === 3 && of.x === of.y ? [of.x] : [],
    ),
    accepting: all('printer-is-accepting-jobs')[0]?.value !== false,
    faults: faultsOf(state, textsOf(all('printer-state-reasons'))),
  }
}

type Told = readonly [code: DriverFault['code'], message: string]

/** Keywords of printer-state-reasons without their ending (RFC 8011, 5.4.12; PWG 5100.9). */
const reasonFaults: Readonly<Record<string, Told>> = {
  'media-empty': ['paper_out', 'There is no paper. Fill the tray.'],
  'media-needed': ['paper_out', 'There is no paper of this kind. Fill the tray.'],
  'input-tray-missing': ['paper_out', 'The tray is missing. Put it in.'],
  'media-jam': ['media_jam', 'The paper is jammed. Open the printer and take it out.'],
  'cover-open': ['cover_open', 'The cover is open. Close it.'],
  'door-open': ['cover_open', 'A door is open. Close it.'],
  'interlock-open': ['cover_open', 'A cover is open. Close it.'],
  paused: ['paused', 'The printer is paused. Let it go on at its panel.'],
  'moving-to-paused': ['paused', 'The printer is paused. Let it go on at its panel.'],
  'marker-supply-empty': ['ribbon_out', 'The ink or toner is used up. Change it.'],
  'toner-empty': ['ribbon_out', 'The toner is used up. Change it.'],
  'output-area-full': ['printer_error', 'The output tray is full. Empty it.'],
  'fuser-over-temp': ['overheated', 'The printer is too hot. It goes on by itself when it is cool.'],
  'media-low': ['paper_low', 'The paper is nearly used up.'],
  shutdown: ['offline', 'The printer is shutting down.'],
  'connecting-to-device': ['offline', 'The printer has no connection to its engine.'],
  'timed-out': ['offline', 'The printer has no connection to its engine.'],
}

/** Reasons that never hold up a printer, whatever their ending. */
const onlyWarnings: ReadonlySet<string> = new Set(['paper_low'])

function faultsOf(state: number, reasons: readonly string[]): DriverFault[] {
  const faults: DriverFault[] = []
  for (const reason of reasons) {
    const [, keyword = '', ending] = /^(.*?)(?:-(error|warning|report))?$/.exec(reason) ?? []
    const told = reasonFaults[keyword]
    // What is not known here holds a printer up only when it says that it has stopped.
    if (told === undefined) continue
    const [code, message] = told
    const blocking =
      !onlyWarnings.has(code) && (ending === 'error' || ending === undefined || state === stoppedState)
    // Two trays may have the same trouble, and only one of them hold the printer up.
    const same = faults.findIndex((fault) => fault.code === code)
    if (same < 0) faults.push({ code, blocking, message })
    else if (blocking && !faults[same]!.blocking) faults[same] = { code, blocking, message }
  }
  if (state === stoppedState && !faults.some((fault) => fault.blocking)) {
    const others = reasons.filter((reason) => reason !== 'none').join(', ')
    const message = `The printer has stopped${others === '' ? '' : `: ${others}`}. Look at its panel.`
    faults.push({ code: 'printer_error', blocking: true, message })
  }
  return faults
}

export interface JobFacts {
  readonly id: number
  readonly name: string | undefined
  readonly state: number
  readonly reasons: readonly string[]
}

/** The jobs in an answer; those whose number or state is not told are left out. */
export function readJobs(answer: IppMessage): JobFacts[] {
  return answer.groups.flatMap(({ tag, attributes }) => {
    if (tag !== groupTags.job) return []
    const all = (name: string) => attributes.find((each) => each.name === name)?.values ?? []
    const id = numbersOf(all('job-id'))[0]
    const state = numbersOf(all('job-state'))[0]
    if (id === undefined || state === undefined) return []
    return [{ id, state, name: textsOf(all('job-name'))[0], reasons: textsOf(all('job-state-reasons')) }]
  })
}

/** Ended without all of it on paper, in the printer's own words. */
export const isFailed = ({ state }: JobFacts): boolean =>
  state === jobStates.canceled || state === jobStates.aborted

export const isEnded = (job: JobFacts): boolean => job.state === jobStates.completed || isFailed(job)

/**
 * Whether a completed job is on paper. `queued-in-device`: it was handed to something that cannot tell what becomes of it;
 * `job-completed-with-errors`: not all of it came out as it should (RFC 8011, 5.3.8).
 */
export const isProved = ({ state, reasons }: JobFacts): boolean =>
  state === jobStates.completed && !reasons.some((reason) => doubtfulReasons.has(reason))

const doubtfulReasons: ReadonlySet<string> = new Set(['queued-in-device', 'job-completed-with-errors'])

export const succeeded = (answer: IppMessage): boolean => answer.code < 0x0100

/** The printer's own words for an error, or its number. */
export function errorOf(answer: IppMessage): string {
  const message = textsOf(valuesOf(answer, groupTags.operation, 'status-message'))[0]
  const number = `0x${answer.code.toString(16).padStart(4, '0')}`
  if (answer.code === statusCodes.versionNotSupported)
    return `it does not speak this version of IPP (${number}): set version to "1.1"`
  return message === undefined || message === '' ? `status ${number}` : `${message.slice(0, 200)} (${number})`
}
