import { type ComponentType, lazy } from 'react'

/** A component that is loaded when it is drawn first. */
export const deferred = <P extends object>(load: () => Promise<ComponentType<P>>) =>
  lazy(async () => ({ default: await load() }))
