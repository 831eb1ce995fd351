import { type Asset, asset, byteRoutes } from '#core/protocol/routes.ts'
import { send } from './client.ts'

/**
 * Gives the server an input picture to keep; documents name it by the asset's name.
 * @throws LoomError if it is no PNG, JPEG or WebP, or too large
 */
export async function uploadPicture(content: Blob): Promise<Asset> {
  const response = await send(byteRoutes.assets, {
    method: 'POST',
    // The server looks at the bytes; what the browser cannot name is tried as a PNG.
    headers: { 'content-type': content.type || 'image/png' },
    body: content,
  })
  return asset.parse(await response.json())
}
