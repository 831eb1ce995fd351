/** By version: converts a value of the version before to that version. */
export type Migrations<T> = Readonly<Record<number, (value: T) => T>>

/** The value after every migration from one version to another; a version without one changed nothing. */
export function migrate<T>(value: T, from: number, to: number, migrations: Migrations<T>): T {
  let migrated = value
  for (let version = from + 1; version <= to; version += 1) migrated = migrations[version]?.(migrated) ?? migrated
  return migrated
}
