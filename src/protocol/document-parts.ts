/** What the API documents are made of: JSON Schemas of methods, records and errors, under shared names. */
import { z } from 'zod'
import { deviceAddSchema, deviceSchema, faultSchema, portSchema, scanSchema, weightSchema } from './device.ts'
import { errorCodes } from './errors.ts'
import { positionSchema } from './event.ts'
import {
  displayShowPayloadSchema,
  drawerOpenPayloadSchema,
  jobErrorSchema,
  jobKindSchema,
  jobOutcomeSchema,
  jobPayloadSchemas,
  jobSchema,
  jobSubmitSchema,
  paymentPayloadSchema,
  printContents,
  printPayloadSchema,
  scaleTarePayloadSchema,
} from './job.ts'
import { rpcLimits } from './messages.ts'
import { demoOrderSchema, type MethodName, methods } from './methods.ts'
import { blockSchema, receiptSchema } from './receipt.ts'
import { draftSchema, orderInputSchema, orderSummarySchema, soldOrderSchema } from './till/order.ts'
import { employeeSchema } from './till/people.ts'
import { cashMoveSchema, sessionReportSchema, sessionSchema } from './till/session.ts'

/** A part of a document: JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` })

/** `job.submit` is `JobSubmit`. */
export const typeName = (dotted: string): string =>
  dotted.replace(/(^|[._])(\w)/g, (_, _separator: string, letter: string) => letter.toUpperCase())

/** Records that stand on their own in the documents; everything else is written out where it is used. */
const namedSchemas: Record<string, z.ZodType> = {
  Device: deviceSchema,
  DeviceToAdd: deviceAddSchema,
  DemoOrder: demoOrderSchema,
  DisplayShowPayload: displayShowPayloadSchema,
  DrawerOpenPayload: drawerOpenPayloadSchema,
  Fault: faultSchema,
  Job: jobSchema,
  JobError: jobErrorSchema,
  JobOutcome: jobOutcomeSchema,
  PaymentPayload: paymentPayloadSchema,
  Port: portSchema,
  Position: positionSchema,
  PrintPayload: printPayloadSchema,
  Receipt: receiptSchema,
  ReceiptBlock: blockSchema,
  ScaleTarePayload: scaleTarePayloadSchema,
  Scan: scanSchema,
  TillCashMove: cashMoveSchema,
  TillDraft: draftSchema,
  TillEmployee: employeeSchema,
  TillOrder: soldOrderSchema,
  TillOrderInput: orderInputSchema,
  TillOrderSummary: orderSummarySchema,
  TillSession: sessionSchema,
  TillSessionReport: sessionReportSchema,
  Weight: weightSchema,
}

/** What `job.submit` takes, kind by kind: the table has the payload open and the hub checks it by kind. */
function jobSubmitByKind(): z.ZodType {
  const [first, ...others] = jobKindSchema.options.map((kind) => {
    const payload: z.ZodType = jobPayloadSchemas[kind]
    const optional = payload.safeParse({}).success
    return jobSubmitSchema.extend({ kind: z.literal(kind), payload: optional ? payload.optional() : payload })
  })
  return z.union(first === undefined ? [] : [first, ...others])
}

/** Collects JSON Schemas under `#/components/schemas/`. */
export class Components {
  readonly schemas: JsonObject = {}
  readonly #target: 'draft-2020-12' | 'draft-7'
  readonly #names = z.registry<{ id: string }>()

  constructor(target: 'draft-2020-12' | 'draft-7') {
    this.#target = target
    for (const [id, schema] of Object.entries(namedSchemas)) this.#names.add(schema, { id })
  }

  /** Adds a schema with all it refers to; `input` as a client writes it, `output` as the hub does. */
  add(name: string, schema: z.ZodType, io: 'input' | 'output'): JsonObject {
    const made = z.toJSONSchema(schema, { target: this.#target, metadata: this.#names, io }) as JsonObject
    const { $schema: _, $defs, definitions, ...own } = rewriteRefs(made) as JsonObject
    Object.assign(this.schemas, $defs, definitions, { [name]: own })
    return ref(name)
  }

  put(name: string, schema: JsonObject): JsonObject {
    this.schemas[name] = schema
    return ref(name)
  }

  /** What a refinement says in code and JSON Schema can say too. */
  refine(): void {
    const print = this.schemas.PrintPayload as JsonObject | undefined
    if (print !== undefined) print.oneOf = printContents.map((content) => ({ required: [content] }))
  }
}

function rewriteRefs(value: Json): Json {
  if (Array.isArray(value)) return value.map(rewriteRefs)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace(/^#\/(\$defs|definitions)\//, '#/components/schemas/')
        : rewriteRefs(inner),
    ]),
  )
}

const idSchema: JsonObject = {
  oneOf: [{ type: 'string', maxLength: rpcLimits.idCharsMax }, { type: 'number' }],
  description: 'Chosen by the client; the answer carries it.',
}

/** Adds params, result, request and answer of a method under `<Name>Params`, `…Result`, `…Request`, `…Answer`. */
export function addMethod(components: Components, name: MethodName): void {
  const { params, result, roles, summary } = methods[name]
  const type = typeName(name)
  const takes = components.add(`${type}Params`, name === 'job.submit' ? jobSubmitByKind() : params, 'input')
  const answers = components.add(`${type}Result`, result, 'output')
  const needsParams = !params.safeParse({}).success
  components.put(`${type}Request`, {
    type: 'object',
    description: `${summary}. Roles: ${roles.join(', ')}. Answers ${type}Result.`,
    properties: { jsonrpc: { const: '2.0' }, id: idSchema, method: { const: name }, params: takes },
    required: ['jsonrpc', 'id', 'method', ...(needsParams ? ['params'] : [])],
  })
  components.put(`${type}Answer`, {
    type: 'object',
    properties: { jsonrpc: { const: '2.0' }, id: idSchema, result: answers },
    required: ['jsonrpc', 'id', 'result'],
    additionalProperties: false,
  })
}

export function addErrors(components: Components): void {
  components.put('Error', {
    type: 'object',
    description: 'Programs read data.code; docs/errors.md says what each code means and who can act.',
    properties: {
      code: { type: 'integer', description: 'The JSON-RPC number; -32000 for the codes of the hub itself.' },
      message: { type: 'string' },
      data: {
        type: 'object',
        properties: {
          code: { enum: errorCodes },
          who: { enum: ['operator', 'technician', 'developer', 'retry'] },
          context: {
            type: 'object',
            additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
          },
        },
        required: ['code', 'who', 'context'],
        additionalProperties: false,
      },
    },
    required: ['code', 'message', 'data'],
    additionalProperties: false,
  })
  components.put('ErrorAnswer', {
    type: 'object',
    properties: {
      jsonrpc: { const: '2.0' },
      id: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
      error: ref('Error'),
    },
    required: ['jsonrpc', 'id', 'error'],
    additionalProperties: false,
  })
}

export const isSocketOnly = (name: MethodName): boolean => {
  const entry: { socketOnly?: boolean } = methods[name]
  return entry.socketOnly === true
}
