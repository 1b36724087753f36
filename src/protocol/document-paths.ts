/** The HTTP side beside JSON-RPC, path by path, for the OpenAPI document. */
import {
  loginRequestSchema,
  pairRequestSchema,
  pairResultSchema,
  reachSchema,
  sessionResultSchema,
  setUpRequestSchema,
  setUpStateSchema,
} from './access.ts'
import { type Components, type JsonObject, ref } from './document-parts.ts'
import { type ErrorCode, errorCodes, errorTable } from './errors.ts'
import { healthSchema } from './methods.ts'

export const json = (schema: JsonObject, extra: JsonObject = {}): JsonObject => ({
  'application/json': { schema, ...extra },
})

/** One response for each HTTP status of the error table, with its codes. */
export function errorResponses(schema: JsonObject, only?: readonly ErrorCode[]): JsonObject {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of only ?? errorCodes) {
    const { http } = errorTable[code]
    byStatus.set(http, [...(byStatus.get(http) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      { description: codes.join(', '), content: json(schema) },
    ]),
  )
}

/** Ways to say who one is. */
export const securitySchemes: JsonObject = {
  token: { type: 'http', scheme: 'bearer', description: 'Made by pairing.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-tillbridge',
    description:
      'Made by logging in; `tillbridge` on http. It counts for pages of the hub only, with the header X-Tillbridge: 1.',
  },
}

/** What every request can be answered with before anybody looks at what it wants. */
const guards: readonly ErrorCode[] = [
  'bad_request',
  'host_not_allowed',
  'origin_not_allowed',
  'rate_limited',
  'internal',
  'starting',
  'store_unavailable',
]
const body: readonly ErrorCode[] = ['bad_json', 'params_invalid', 'message_too_large', 'tls_required']
const known: readonly ErrorCode[] = ['unauthorized', 'forbidden', 'tls_required', 'request_forged']

interface Operation {
  id: string
  summary: string
  description: string
  /** What is sent, by media type. */
  request?: JsonObject
  /** What is answered, by media type; nothing for 204. */
  response?: JsonObject
  parameters?: JsonObject[]
  security?: JsonObject[]
  errors?: readonly ErrorCode[]
}

function operation(made: Operation): JsonObject {
  const { id, summary, description, request, response, parameters, security = [], errors = [] } = made
  return {
    operationId: id,
    summary,
    security,
    ...(parameters === undefined ? {} : { parameters }),
    ...(request === undefined ? {} : { requestBody: { required: true, content: request } }),
    responses: {
      [response === undefined ? 204 : 200]: {
        description,
        ...(response === undefined ? {} : { content: response }),
      },
      ...errorResponses(ref('ErrorBody'), [...new Set([...guards, ...errors])]),
    },
  }
}

const anyObject: JsonObject = json({ type: 'object' })
const file = (type: string): JsonObject => ({ [type]: { schema: { type: 'string', format: 'binary' } } })
const people: JsonObject[] = [{ token: [] }, { session: [] }]

/** Every path but `/api/v1/rpc`. */
export function httpPaths(components: Components): JsonObject {
  components.put('ErrorBody', {
    type: 'object',
    properties: { error: ref('Error') },
    required: ['error'],
    additionalProperties: false,
  })
  return { ...openPaths(components), ...peoplePaths(components), ...filePaths() }
}

/** For programs that nobody has let in yet. */
function openPaths(components: Components): JsonObject {
  const get = (made: Operation): JsonObject => ({ get: operation(made) })
  return {
    '/api/v1/health': get({
      id: 'health',
      summary: 'How the hub is',
      description: 'Answered as soon as the hub listens',
      response: json(components.add('Health', healthSchema, 'output')),
    }),
    '/api/v1/reach': get({
      id: 'reach',
      summary: 'What stands between a page and the hub; pages of every origin may read it',
      description: 'What the hub thinks of this page and this connection',
      response: json(components.add('Reach', reachSchema, 'output')),
    }),
    '/api/v1/pair': {
      post: operation({
        id: 'pair',
        summary: 'Redeem a pairing code for a token, once',
        description: 'The token; it is shown this one time',
        request: json(components.add('PairRequest', pairRequestSchema, 'input')),
        response: json(components.add('PairResult', pairResultSchema, 'output')),
        errors: [...body, 'pair_code_invalid', 'locked_out', 'setup_required'],
      }),
    },
    '/api/v1/openapi.json': get({
      id: 'openApi',
      summary: 'This document',
      description: 'OpenAPI 3.1',
      response: anyObject,
    }),
    '/api/v1/asyncapi.json': get({
      id: 'asyncApi',
      summary: 'The WebSocket side',
      description: 'AsyncAPI 3.0',
      response: anyObject,
    }),
    '/metrics': get({
      id: 'metrics',
      summary: 'Figures for Prometheus; a loopback address needs no token',
      description: 'Prometheus text',
      response: { 'text/plain': { schema: { type: 'string' } } },
      security: [{}, ...people],
      errors: ['unauthorized', 'tls_required', 'request_forged'],
    }),
  }
}

/** For people at the console. */
function peoplePaths(components: Components): JsonObject {
  const session = json(components.add('SessionResult', sessionResultSchema, 'output'))
  const opened = 'Who has logged in; the session is in a cookie'
  return {
    '/api/v1/setup': {
      get: operation({
        id: 'setUpState',
        summary: 'Whether the hub has an owner',
        description: 'What the set-up page needs to know',
        response: json(components.add('SetUpState', setUpStateSchema, 'output')),
      }),
      post: operation({
        id: 'setUp',
        summary: 'Make the first owner with the code of the set-up ticket, once',
        description: opened,
        request: json(components.add('SetUpRequest', setUpRequestSchema, 'input')),
        response: session,
        errors: [
          ...body,
          'request_forged',
          'setup_code_invalid',
          'setup_done',
          'password_weak',
          'locked_out',
        ],
      }),
    },
    '/api/v1/session': {
      get: operation({
        id: 'session',
        summary: 'Who is logged in',
        description: 'The user of the session',
        response: session,
        security: [{ session: [] }],
        errors: ['unauthorized', 'tls_required', 'request_forged'],
      }),
      post: operation({
        id: 'logIn',
        summary: 'Log in with name and password',
        description: opened,
        request: json(components.add('LoginRequest', loginRequestSchema, 'input')),
        response: session,
        errors: [...body, 'request_forged', 'login_failed', 'locked_out', 'setup_required'],
      }),
      delete: operation({
        id: 'logOut',
        summary: 'End the session',
        description: 'Nobody is logged in here any more',
        security: [{}, { session: [] }],
        errors: ['request_forged'],
      }),
    },
  }
}

/** What is too large for a message, and what tills install. */
function filePaths(): JsonObject {
  const download = (id: string, summary: string, description: string, type: string): JsonObject => ({
    get: operation({ id, summary, description, response: file(type) }),
  })
  return {
    '/api/v1/backup': {
      post: operation({
        id: 'backup',
        summary: 'Make a backup of the whole box (owner)',
        description: 'The backup, encrypted with the passphrase',
        request: json({
          type: 'object',
          properties: { passphrase: { type: 'string', minLength: 10 } },
          required: ['passphrase'],
          additionalProperties: false,
        }),
        response: file('application/octet-stream'),
        security: people,
        errors: [...body, ...known],
      }),
    },
    '/api/v1/restore': {
      post: operation({
        id: 'restore',
        summary: 'Check a backup, put it in place and restart (owner)',
        description: 'The backup is good; the hub restarts with it',
        parameters: [
          {
            name: 'Tillbridge-Passphrase',
            in: 'header',
            required: true,
            description: 'The passphrase of the backup, as base64url of UTF-8',
            schema: { type: 'string' },
          },
        ],
        request: file('application/octet-stream'),
        response: json({ type: 'object', additionalProperties: false }),
        security: people,
        errors: [...body, ...known, 'backup_invalid', 'backup_passphrase'],
      }),
    },
    '/api/v1/support-bundle': {
      post: operation({
        id: 'supportBundle',
        summary: 'What a helper elsewhere needs to know of the box, without secrets (technician, owner)',
        description: 'A .tar.gz of text files',
        response: file('application/gzip'),
        security: people,
        errors: known,
      }),
    },
    '/trust/root.crt': download(
      'rootCrt',
      'The root that tills install',
      'DER',
      'application/x-x509-ca-cert',
    ),
    '/trust/root.pem': download('rootPem', 'The same in PEM', 'PEM', 'application/x-pem-file'),
    '/trust/root.mobileconfig': download(
      'rootMobileconfig',
      'The same as a profile for Apple devices',
      'A configuration profile',
      'application/x-apple-aspen-config',
    ),
    '/trust/info.json': {
      get: operation({
        id: 'trustInfo',
        summary: 'What the page with the root shows',
        description: 'Name, fingerprint, address over https, mode of the certificates',
        response: anyObject,
      }),
    },
  }
}
