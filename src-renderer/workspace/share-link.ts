import { LoomError } from '#core/errors.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { printWorkflow } from '#core/workflow/print.ts'

/** Prefix of a URL fragment that contains a workflow. */
const prefix = '#w='

/** Maximum size of the workflow's text, because a kilobyte of a link may inflate to a gigabyte. */
const maxBytes = 16 * 1024 * 1024

const askAgain = 'Ask for the link again, or for the workflow as a file.'

/** The fragment of a share link. It contains the compressed workflow, so no server has to store it. */
export async function encodeShareLink(workflow: Workflow): Promise<string> {
  const text = new Blob([printWorkflow(workflow)]).stream()
  const deflated = await new Response(text.pipeThrough(new CompressionStream('deflate-raw'))).bytes()
  return prefix + base64url(deflated)
}

/** Whether a text has the form of a share link. */
export const isShareLink = (text: string): boolean => /^(https?:\/\/\S*)?#w=[\w-]+$/.test(text.trim())

/**
 * The workflow's text in a share link.
 * @param link the fragment, or an address that ends with it
 * @throws LoomError `parse` if it is damaged, `limit` above 16 MiB of text
 */
export async function decodeShareLink(link: string): Promise<string> {
  const start = link.indexOf(prefix)
  const encoded = start < 0 ? '' : link.slice(start + prefix.length).trim()
  if (encoded === '') throw new LoomError('parse', 'The link carries no workflow.', { hint: askAgain })
  try {
    return await inflated(fromBase64url(encoded))
  } catch (cause) {
    if (cause instanceof LoomError) throw cause
    throw new LoomError('parse', 'The workflow in the link is damaged, probably cut off.', { hint: askAgain, cause })
  }
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length
    if (size > maxBytes) {
      await reader.cancel()
      throw new LoomError('limit', `The workflow in the link is longer than ${maxBytes / 1024 / 1024} MiB.`, {
        hint: 'Such a link is made to exhaust memory. Do not use it.',
      })
    }
    text += decoder.decode(part.value, { stream: true })
  }
  return text + decoder.decode()
}

function base64url(bytes: Uint8Array): string {
  let binary = ''
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192))
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** @throws DOMException for a character outside base64url */
const fromBase64url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
