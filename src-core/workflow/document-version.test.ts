import { afterEach, describe, expect, it, vi } from 'vitest'
import { catalogue } from '#nodes/catalogue.ts'
import { templateText } from '#test/workflow/documents.ts'
import { documentMigrations, documentVersion } from './document-version.ts'
import type { JsonObject } from './json.ts'

describe('the document version', () => {
  it('has a migration to every version from the second on', () => {
    const versions = Array.from({ length: documentVersion - 1 }, (_, index) => String(index + 2))
    expect(Object.keys(documentMigrations)).toEqual(versions)
  })
})

describe('a document of an older version', () => {
  afterEach(() => {
    vi.doUnmock('./document-version.ts')
    vi.resetModules()
  })

  /** A program in which documents call nodes steps from version 2 on, and steps nodes again from 3 on. */
  async function later() {
    vi.resetModules()
    vi.doMock('./document-version.ts', () => ({
      documentVersion: 3,
      documentMigrations: {
        2: ({ nodes = {}, ...rest }: JsonObject) => ({ ...rest, steps: nodes }),
        3: ({ steps = {}, ...rest }: JsonObject) => ({ ...rest, nodes: steps, later: true }),
      },
    }))
    const { documentReader } = await import('./read.ts')
    return documentReader({ catalogue, inflate: (bytes) => bytes })
  }

  it('goes through every migration before its shape is checked, and the report says so', async () => {
    const { readDocument } = await later()
    const text = templateText('lcm-lora')
    const { workflow, report, ...read } = readDocument(text)
    expect(workflow).toEqual({ ...JSON.parse(text), version: 3, later: true })
    expect(report.migrated).toEqual([{ of: 'document', from: 1, to: 3, count: 1 }])
    expect(read.text).toBe(text)
    const { nodes } = JSON.parse(text)
    const second = JSON.stringify({ format: 'latent-loom', version: 2, steps: nodes })
    expect(readDocument(second).workflow).toEqual({ format: 'latent-loom', version: 3, nodes, later: true })
  })

  it.each([0, -1, 1.5, '1', null])('with the version %j has not the right shape', async (version) => {
    const { readDocument } = await later()
    const text = JSON.stringify({ format: 'latent-loom', version, nodes: {} })
    expect(() => readDocument(text)).toThrow('The workflow does not have the right shape: version')
  })
})
