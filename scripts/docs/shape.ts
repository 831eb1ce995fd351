import { z } from 'zod'

type JsonSchema = z.core.JSONSchema.JSONSchema

/** Shapes that are printed by name, by their names. */
export type NamedShapes = Readonly<Record<string, z.ZodType>>

/**
 * The input type of a schema, as one line that reads like TypeScript: `{ id: string, job?: Job }`.
 * @param names shapes that are printed as their names
 */
export function shapeOf(schema: z.ZodType, names: NamedShapes): string {
  const byShape = new Map(Object.entries(names).map(([name, named]) => [key(jsonSchema(named)), name]))
  return print(jsonSchema(schema), byShape)
}

const jsonSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' })

/** A key that is equal for equal shapes. Leaves out `$schema`, which only the outermost shape has. */
const key = ({ $schema: _, ...shape }: JsonSchema): string => JSON.stringify(shape)

function print(schema: JsonSchema | boolean | undefined, names: ReadonlyMap<string, string>): string {
  if (schema === undefined || typeof schema === 'boolean') return 'any'
  const name = names.get(key(schema))
  if (name !== undefined) return name
  const inside = (part: JsonSchema | boolean | undefined): string => print(part, names)
  const { type, enum: options, const: constant, items, properties, required = [], additionalProperties } = schema
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map(inside).join(' | ')
  if (constant !== undefined) return JSON.stringify(constant)
  if (options) return options.map((option) => JSON.stringify(option)).join(' | ')
  if (type === 'array') return `[${Array.isArray(items) ? items.map(inside).join(', ') : inside(items)}]`
  if (Array.isArray(type)) return type.join(' | ')
  if (type !== 'object') return type ?? 'any'
  const entries = Object.entries(properties ?? {})
  if (entries.length > 0) {
    const fields = entries.map(([field, value]) => `${field}${required.includes(field) ? '' : '?'}: ${inside(value)}`)
    return `{ ${fields.join(', ')} }`
  }
  return typeof additionalProperties === 'object' ? `{ [name]: ${inside(additionalProperties)} }` : '{}'
}
