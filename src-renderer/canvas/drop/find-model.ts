import type { ModelFile } from '#core/protocol/routes.ts'

/** A model file of the person's own disk: all that the page learns of where it lies is its name and size. */
interface LocalModel {
  readonly name: string
  readonly bytes: number
}

/** The server's file that is most likely the same: its name without folders and its size agree, the shortest way first. */
export function findModel(models: readonly ModelFile[], { name, bytes }: LocalModel): ModelFile | undefined {
  return namesakes(models, name)
    .filter((model) => model.bytes === bytes)
    .sort((a, b) => a.name.length - b.name.length)[0]
}

/** Files of this name in any of the model folders. */
export const namesakes = (models: readonly ModelFile[], name: string): ModelFile[] =>
  models.filter((model) => model.name.slice(model.name.lastIndexOf('/') + 1).toLowerCase() === name.toLowerCase())
