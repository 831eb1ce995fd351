import type { ComponentType } from 'react'
import type { Dialog, DialogOf } from '../store/ui.ts'

/** What is shown for each dialog; each is loaded when it is opened first. */
export const dialogs: { readonly [K in Dialog['kind']]?: ComponentType<{ readonly dialog: DialogOf<K> }> } = {}
