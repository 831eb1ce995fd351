/** Joins the id of an instance and an id inside it; a legal part of ids, so the joined ones are ids too. */
const separator = '--'

/** The id in the flat graph of what is reached through these ids, the outermost instance first. */
export const joinIds = (...ids: readonly string[]): string => ids.join(separator)

/** What is left of a flat id behind the instance that it begins with. */
export const idWithin = (id: string, instance: string): string => id.slice(instance.length + separator.length)

/** The ids of a node of the flat graph and of every instance that it is in. */
export function* idAndOwners(id: string): Generator<string> {
  yield id
  for (let end = id.lastIndexOf(separator); end > 0; end = id.lastIndexOf(separator, end - 1)) yield id.slice(0, end)
}
