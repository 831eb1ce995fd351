import { expect, it } from 'vitest'
import { filesIn, hintOf, holdsFiles } from './transfer.ts'

/** As a browser hands it over. */
function transfer(items: readonly { file?: File; folder?: string; type?: string }[], types = ['Files']) {
  const listed = items.map(({ file, folder, type = '' }) => ({
    kind: file || folder !== undefined ? 'file' : 'string',
    type: file?.type ?? type,
    getAsFile: () => file ?? new File([], folder ?? ''),
    getAsString: () => undefined,
    webkitGetAsEntry: () => (folder === undefined ? null : ({ isDirectory: true, name: folder } as FileSystemEntry)),
  }))
  const list = Object.assign(listed, { add: () => null, clear: () => undefined, remove: () => undefined })
  return { types, items: list as unknown as DataTransferItemList, files: [] as unknown as FileList }
}

const picture = new File(['x'], 'fox.png', { type: 'image/png' })
const model = new File(['x'], 'style.safetensors')

it('takes the files and names the folders', () => {
  const { files, problems } = filesIn(
    transfer([{ file: picture }, { folder: 'loras' }, { file: model }, { type: 'text/html' }]),
  )
  expect(files).toEqual([picture, model])
  expect(problems.map(({ message }) => message)).toEqual(['loras is a folder.'])
})

it('refuses a link with a sentence', () => {
  const link = transfer([{ type: 'text/uri-list' }], ['text/uri-list'])
  expect(holdsFiles(link)).toBe(true)
  expect(filesIn(link)).toMatchObject({ files: [], problems: [{ code: 'unsupported' }] })
  expect(holdsFiles(transfer([], ['text/plain']))).toBe(false)
})

it('says beforehand what the types tell', () => {
  expect(hintOf(transfer([{ file: picture }, { file: model }, { file: picture }]))).toEqual({ pictures: 2, others: 1 })
})
