/** Separates the id of an instance from an id inside it. Joined ids are valid ids too. */
const separator = '--'

/** The flat id of a node, from the ids of its instances, outermost first, and its own. */
export const joinIds = (...ids: readonly string[]): string => ids.join(separator)

/** The flat id without the instance that it begins with. */
export const idWithin = (id: string, instance: string): string => id.slice(instance.length + separator.length)

/** The ids of a node of the flat graph and of all instances that contain it. */
export function* idAndOwners(id: string): Generator<string> {
  yield id
  for (let end = id.lastIndexOf(separator); end > 0; end = id.lastIndexOf(separator, end - 1)) yield id.slice(0, end)
}
