/** The one error class and the closed table of codes: what went wrong, who can act, a sentence for a person. */

/** Who can act on an error. `retry` means the program may simply try again. */
export type ErrorActor = 'operator' | 'technician' | 'developer' | 'retry'

interface ErrorEntry {
  readonly who: ErrorActor
  /** HTTP status of the code at the HTTP doors. */
  readonly http: number
  /** A sentence for a person; `{name}` is filled from the context. */
  readonly text: string
}

const entry = (who: ErrorActor, http: number, text: string): ErrorEntry => ({ who, http, text })

/**
 * Every code the hub can answer. Codes are never renamed and never reused; docs/errors.md lists the same set,
 * and a test holds the two equal.
 */
export const errorTable = {
  // Requests
  bad_json: entry('developer', 400, 'The message is not valid JSON.'),
  bad_request: entry('developer', 400, 'The message is not a JSON-RPC 2.0 request: {reason}.'),
  method_unknown: entry('developer', 404, 'There is no method {method}.'),
  params_invalid: entry('developer', 400, '{path}: {reason}.'),
  message_too_large: entry('developer', 413, 'The message is larger than {bytesMax} bytes.'),
  rate_limited: entry('retry', 429, 'Too many requests. Wait a moment and try again.'),
  internal: entry('developer', 500, 'The hub met an error it did not expect. Its log has the details.'),
  starting: entry('retry', 503, 'The hub is still starting.'),
  stopping: entry('retry', 503, 'The hub is stopping.'),
  slow_client: entry('developer', 400, 'The client did not read its events in time.'),
  connection_lost: entry('retry', 503, 'The connection to the hub was lost before it answered.'),
  request_timeout: entry('retry', 504, 'The hub did not answer within {ms} ms.'),

  // Access
  unauthorized: entry('technician', 401, 'This till is not paired. Pair it with a code from the console.'),
  forbidden: entry('technician', 403, 'The role {role} may not call {method}.'),
  pair_code_invalid: entry('operator', 403, 'The code is wrong or no longer valid. Ask for a new one.'),
  locked_out: entry('operator', 429, 'Too many wrong tries. Wait {seconds} seconds and try again.'),
  setup_required: entry('technician', 403, 'This hub has no owner yet. Open its console and set a password.'),
  setup_done: entry('technician', 409, 'This hub has an owner already. Log in instead.'),
  setup_code_invalid: entry(
    'technician',
    403,
    'The set-up code is wrong or was used. A new one comes with: tillbridge setup.',
  ),
  login_failed: entry('operator', 403, 'Name or password is wrong.'),
  password_wrong: entry('operator', 403, 'The password is wrong.'),
  password_weak: entry('operator', 400, '{path}: {reason}.'),
  user_exists: entry('operator', 409, 'There is a user {name} already.'),
  user_unknown: entry('developer', 404, 'There is no user {id}.'),
  owner_last: entry('operator', 409, '{name} is the last owner. Make another one first.'),
  session_unknown: entry('developer', 404, 'There is no session {id}.'),
  token_unknown: entry('developer', 404, 'There is no client {id}.'),
  request_forged: entry('developer', 403, 'The request does not come from a page of the hub: {reason}.'),
  origin_not_allowed: entry(
    'technician',
    403,
    'Pages of {origin} may not use this hub. Allow the origin on the console, under Network.',
  ),
  origin_fixed: entry(
    'technician',
    409,
    '{origin} is allowed by the configuration, and only there it can be removed.',
  ),
  origin_limit: entry('technician', 409, 'The list has {max} origins, its limit.'),
  host_not_allowed: entry(
    'technician',
    421,
    'The hub does not answer under the name {host}. Add it to network.hosts in the configuration.',
  ),
  tls_required: entry(
    'technician',
    403,
    'This connection is not encrypted and may carry no secret. Use {url}.',
  ),
  hello_required: entry('developer', 400, 'The first request must be hello.'),

  // Devices
  device_unknown: entry('technician', 404, 'There is no device {device}.'),
  device_exists: entry('technician', 409, 'The port {port} belongs to {device} already.'),
  device_absent: entry('operator', 409, '{device} is not connected. Check its power and cable.'),
  device_disabled: entry('technician', 409, '{device} is switched off in the console.'),
  device_faulty: entry('operator', 409, '{device} needs attention: {fault}.'),
  device_busy: entry('retry', 409, '{device} is busy.'),
  device_leased: entry('retry', 409, '{device} is in use by {client}.'),
  device_limit: entry('technician', 409, 'The hub has {max} devices, its limit.'),
  capability_missing: entry('developer', 400, '{device} cannot do {kind}.'),
  driver_unknown: entry('technician', 400, 'There is no driver {driver}.'),
  profile_unknown: entry('technician', 400, 'There is no profile {profile} for the driver {driver}.'),
  profile_invalid: entry('technician', 500, 'The profile {file} is not valid: {reason}.'),
  port_invalid: entry('technician', 400, 'The port {port} is not a port URL: {reason}.'),
  settings_invalid: entry('technician', 400, '{path}: {reason}.'),
  network_invalid: entry('technician', 400, '{network} cannot be searched: {reason}.'),
  teach_running: entry('retry', 409, 'Another scanner is being taught. Wait until it is done.'),
  teach_timeout: entry(
    'operator',
    408,
    'No keyboard typed the code. Scan it again, and check that the scanner is plugged in.',
  ),
  teach_unknown: entry('developer', 404, 'No scanner is being taught under this id.'),
  trace_gone: entry('technician', 404, 'The trace of {device} has ended. Start it again.'),
  demo_only: entry('developer', 400, '{device} is not a demo device.'),

  // Leases
  lease_unknown: entry('developer', 404, 'The lease is not held any more.'),
  lease_limit: entry('developer', 400, 'A lease lasts at most {msMax} ms.'),

  // Jobs
  job_unknown: entry('developer', 404, 'There is no job {id}.'),
  job_conflict: entry('developer', 409, 'The job id {id} was used for other content.'),
  job_expired: entry('operator', 409, 'The job was not sent in time and was dropped.'),
  job_running: entry('retry', 409, 'The job {id} is running and cannot be cancelled.'),
  job_ended: entry('developer', 409, 'The job {id} has ended as {state}.'),
  job_not_unknown: entry(
    'developer',
    409,
    'The job {id} is {state}; only an unknown outcome can be settled.',
  ),
  job_cancelled: entry('operator', 409, 'The job was cancelled before anything was sent.'),
  job_outcome_unknown: entry('operator', 409, 'It is not known whether {device} did it. Look, then say so.'),
  queue_full: entry('retry', 429, '{device} has {max} jobs waiting, its limit.'),
  expiry_invalid: entry('developer', 400, 'expiresAt lies in the past.'),

  // Receipts
  receipt_too_long: entry('developer', 400, 'The receipt has more than {max} {what}.'),
  barcode_invalid: entry('developer', 400, '{path}: {symbology} cannot hold this data: {reason}.'),
  image_invalid: entry('developer', 400, '{path}: the image cannot be read: {reason}.'),
  image_too_large: entry(
    'developer',
    400,
    '{path}: the image has {pixels} pixels; the limit is {pixelsMax}.',
  ),
  base64_invalid: entry('developer', 400, '{path}: not valid base64.'),
  payload_unsupported: entry('developer', 400, '{path}: {device} cannot do this: {reason}.'),
  text_unprintable: entry('developer', 400, '{path}: no font on this hub has the character {characters}.'),

  // Wire
  port_unavailable: entry('technician', 503, 'The port {port} cannot be opened: {reason}.'),
  port_closed: entry('technician', 503, 'The connection to {port} was lost: {reason}.'),
  write_timeout: entry('technician', 504, '{port} took no data for {ms} ms.'),
  answer_timeout: entry('technician', 504, '{device} did not answer within {ms} ms.'),
  answer_invalid: entry('technician', 502, '{device} gave an answer that is not in its language: {reason}.'),
  frame_too_large: entry('technician', 502, 'A frame from {port} is longer than {bytesMax} bytes.'),

  // Weighing
  scale_motion: entry('operator', 409, 'The weight is not stable yet.'),
  scale_over: entry('operator', 409, 'The load is over the capacity of the scale.'),
  scale_under: entry('operator', 409, 'The weight is below zero. Clear the scale and zero it.'),
  scale_not_moved: entry('operator', 409, 'The goods were weighed already. Lift them and put them on again.'),
  scale_below_minimum: entry('operator', 409, 'The load is less than the smallest that the scale weighs.'),
  scale_not_zeroed: entry('operator', 409, 'The scale could not be zeroed. Clear it and try again.'),
  tare_refused: entry('operator', 409, 'The scale refused the tare.'),

  // Device faults, as error of a job that failed on them
  paper_out: entry('operator', 409, '{device} is out of paper.'),
  cover_open: entry('operator', 409, 'The cover of {device} is open.'),
  cutter_jam: entry('operator', 409, 'The cutter of {device} is jammed.'),
  media_jam: entry('operator', 409, 'The media of {device} is jammed.'),
  ribbon_out: entry('operator', 409, 'The ribbon of {device} is used up.'),
  printer_paused: entry('operator', 409, '{device} is paused. Press its pause key.'),
  drawer_stuck: entry('operator', 409, 'The drawer of {device} did not open. Look for what holds it.'),
  printer_error: entry('technician', 409, '{device} reports an error it cannot recover from.'),

  // Till
  till_unknown: entry('developer', 404, 'There is no {kind} {id}.'),
  till_conflict: entry('developer', 409, 'The id {id} was used for another {kind}.'),
  till_invalid: entry('developer', 400, '{path}: {reason}.'),
  till_in_use: entry('operator', 409, '{id} cannot be removed: {reason}.'),
  login_required: entry('operator', 401, 'Nobody is logged in at this till. Choose a name and type its PIN.'),
  pin_wrong: entry('operator', 403, 'The PIN or badge is wrong.'),
  right_missing: entry('operator', 403, 'This needs the right {right}. Ask somebody who has it: {act}.'),
  session_open: entry('operator', 409, 'The register {register} is open already.'),
  session_closed: entry('operator', 409, 'The register {register} is not open. Count its cash and open it.'),
  session_stale: entry('operator', 409, 'The register is open for more than {hours} hours. Close it first.'),
  session_drafts: entry('operator', 409, '{count} orders are not paid. Pay or cancel them before closing.'),
  difference_found: entry(
    'operator',
    409,
    'Counted and expected differ by {differenceText}. Count again or accept it.',
  ),
  order_held: entry('operator', 409, '{by} works on this order until {until}.'),
  order_changed: entry(
    'operator',
    409,
    'The order was changed at another till; it is at version {version} now.',
  ),
  order_ended: entry('operator', 409, 'The order is {state} already.'),
  total_differs: entry(
    'operator',
    409,
    'The total is {totalText}, not {expectedText}. Look at the order again.',
  ),
  payment_invalid: entry('operator', 400, '{path}: {reason}.'),
  refund_exceeded: entry('operator', 409, 'Of {line} only {left} can still come back.'),
  ledger_broken: entry('technician', 500, 'The ledger is damaged at entry {seq}: {reason}.'),

  // Box
  store_unavailable: entry('technician', 503, 'The hub cannot write to its disk: {reason}.'),
  store_corrupt: entry('technician', 500, 'The database {file} is damaged: {reason}.'),
  config_fixed: entry('technician', 409, '{path} is decided by a flag or an environment variable.'),
  backup_invalid: entry('technician', 400, 'The backup cannot be used: {reason}.'),
  backup_passphrase: entry('operator', 403, 'The passphrase does not open this backup.'),
  certificate_failed: entry('technician', 500, 'The certificate cannot be used: {reason}.'),
  tls_mode: entry('technician', 409, 'The hub uses {mode} certificates; this is for {wanted}.'),
  config_invalid: entry('technician', 400, '{file}: {path}: {reason}.'),
  hub_not_running: entry(
    'technician',
    503,
    'No hub is running on the folder {data}. Start it with: tillbridge start.',
  ),
  address_in_use: entry('technician', 500, 'The port {port} is used by another program.'),
  data_in_use: entry('technician', 500, 'Another hub runs on the folder {data}.'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable
export const errorCodes = Object.keys(errorTable) as ErrorCode[]

export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>

/** How an error travels and is stored: the sentence, the code, who can act, and what the sentence was made of. */
export interface ErrorRecord {
  code: ErrorCode
  message: string
  who: ErrorActor
  context: ErrorContext
}

function sentence(code: ErrorCode, context: ErrorContext): string {
  const text = errorTable[code].text.replace(/\{(\w+)\}/g, (_, name: string) => String(context[name] ?? '?'))
  return `${text} (${code})`
}

/** The only error class of the hub. The message is for people and ends with the code; programs read `code`. */
export class HubError extends Error {
  readonly code: ErrorCode
  readonly context: ErrorContext

  constructor(code: ErrorCode, context: ErrorContext = {}, cause?: unknown) {
    super(sentence(code, context), cause === undefined ? undefined : { cause })
    this.name = 'HubError'
    this.code = code
    this.context = context
  }

  get who(): ErrorActor {
    return errorTable[this.code].who
  }

  toRecord(): ErrorRecord {
    return { code: this.code, message: this.message, who: this.who, context: this.context }
  }

  static fromRecord(record: { code: string; context?: ErrorContext }): HubError {
    return Object.hasOwn(errorTable, record.code)
      ? new HubError(record.code as ErrorCode, record.context ?? {})
      : new HubError('internal', { ...record.context, code: record.code })
  }
}

/** Any thrown value as a HubError; what is not one becomes `internal` with the original as its cause. */
export function toHubError(error: unknown): HubError {
  return error instanceof HubError ? error : new HubError('internal', {}, error)
}

/** The text of any thrown value (node-hid, for one, throws strings). */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  hubError: -32000,
} as const

/** The JSON-RPC 2.0 number of a code; everything that is the hub's own travels as -32000. */
export function rpcCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'bad_json':
      return rpcCodes.parseError
    case 'bad_request':
      return rpcCodes.invalidRequest
    case 'method_unknown':
      return rpcCodes.methodNotFound
    case 'params_invalid':
      return rpcCodes.invalidParams
    case 'internal':
      return rpcCodes.internalError
    default:
      return rpcCodes.hubError
  }
}
