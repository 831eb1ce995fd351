import type { ComponentType } from 'react'
import type { Dialog, DialogOf } from '../store/ui.ts'
import { deferred } from '../ui/deferred.ts'

/** Components by dialog kind. Each is loaded on first use. */
export const dialogs: { readonly [K in Dialog['kind']]: ComponentType<{ readonly dialog: DialogOf<K> }> } = {
  open: deferred(async () => (await import('../panels/documents/open-dialog.tsx')).OpenDialog),
  'save-as': deferred(async () => (await import('../panels/documents/save-as-dialog.tsx')).SaveAsDialog),
  conflict: deferred(async () => (await import('../panels/documents/conflict-dialog.tsx')).ConflictDialog),
  'close-unsaved': deferred(
    async () => (await import('../panels/documents/close-unsaved-dialog.tsx')).CloseUnsavedDialog,
  ),
  about: deferred(async () => (await import('../panels/settings/about-dialog.tsx')).AboutDialog),
  settings: deferred(async () => (await import('../panels/settings/settings-dialog.tsx')).SettingsDialog),
  cuda: deferred(async () => (await import('../panels/settings/cuda-dialog.tsx')).CudaDialog),
  share: deferred(async () => (await import('../panels/share/share-dialog.tsx')).ShareDialog),
  shortcuts: deferred(async () => (await import('../panels/shortcuts/shortcuts-dialog.tsx')).ShortcutsDialog),
  connect: deferred(async () => (await import('../canvas/links/connect-dialog.tsx')).ConnectDialog),
  viewer: deferred(async () => (await import('../panels/viewer/viewer-dialog.tsx')).ViewerDialog),
}
