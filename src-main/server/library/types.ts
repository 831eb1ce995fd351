import type { FastifyInstance } from 'fastify'
import type { DraftMessage, Picture } from '#core/protocol/jobs.ts'
import type { Engine } from '#engine/engine.ts'
import type { Handlers } from '../handlers.ts'
import type { HeaderReader } from './header-reader.ts'

/** Routes that the library answers. */
type LibraryRoute =
  | 'listDocuments'
  | 'openDocument'
  | 'createDocument'
  | 'saveDocument'
  | 'deleteDocument'
  | 'listDrafts'
  | 'saveDraft'
  | 'deleteDraft'
  | 'listTemplates'
  | 'listModels'
  | 'refreshModels'
  | 'inspectModel'
  | 'facts'
  | 'validate'
  | 'tokens'
  | 'listPictures'
  | 'deletePicture'
  | 'restorePicture'

/** A picture that a run wrote into one of the folders of {@link JobFolders}. */
export interface MadePicture {
  readonly path: string
  readonly node: string
  readonly width: number
  readonly height: number
  readonly seed?: string | undefined
  readonly passing: boolean
}

/** Where a run reads and writes. */
export interface JobFolders {
  /** Folder of saved pictures. */
  readonly output: string
  /** Folder of saved models: one of the model folders, so that they are listed at once. */
  readonly models: string
  /** Folder of temporary pictures. */
  readonly scratch: string
  /** Folders that relative file names start from, the document's own first; the model folders follow. */
  readonly folders: string[]
}

/** Everything the server stores for its clients: documents, drafts, input pictures, drawn pictures, models and templates. */
export interface Library {
  readonly handlers: Handlers<LibraryRoute>
  /** Registers the routes that carry bytes. */
  registerBytes(app: FastifyInstance): void
  /** @param document id of a saved document; an unknown id counts as unsaved */
  jobFolders(document?: string): JobFolders
  addPicture(made: MadePicture): Promise<Picture>
  /**
   * Adds any workflow file on disk to the documents.
   * @returns its id
   * @throws LoomError `not-found`, `io`
   */
  addDocument(path: string): Promise<string>
  /**
   * Where a file is. For the program that started the server: clients never learn it.
   * @throws LoomError `not-found` for an unknown id, or if the file is gone
   */
  locate(kind: 'picture' | 'document', id: string): Promise<string>
  /** Calls `listener` when the list of models has changed. */
  onModels(listener: () => void): void
  /** Calls `listener` when a picture is gone (undefined), and when it is there again, perhaps under another id. */
  onPicture(listener: (id: string, picture: Picture | undefined) => void): void
  /** Calls `listener` when a page has saved or deleted a draft. */
  onDraft(listener: (change: DraftMessage) => void): void
  /** Calls `listener` when a document was saved. */
  onDocument(listener: (id: string, revision: string) => void): void
  close(): Promise<void>
}

export interface LibraryOptions {
  /** The program's own data: drafts, input pictures, backups. */
  readonly dataFolder: string
  /** Absent: `workflows` in the data folder. */
  readonly documentsFolder?: string | undefined
  /** Where pictures go; absent: `pictures` in the data folder. */
  readonly outputFolder?: string | undefined
  /** As `modelFolders` of src-main/host gives them. */
  readonly modelFolders: readonly string[]
  readonly engine: Engine
  /** Absent: on the caller's thread. */
  readonly headers?: HeaderReader
}
