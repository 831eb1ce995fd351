import { type Asset, asset, byteRoutes } from '#core/protocol/routes.ts'
import { send } from './client.ts'

/**
 * Uploads an input picture. Documents refer to it by the asset's name.
 * @throws LoomError if it is no PNG, JPEG or WebP, or too large
 */
export async function uploadPicture(content: Blob): Promise<Asset> {
  const response = await send(byteRoutes.assets, {
    method: 'POST',
    // the server checks the bytes, so an unknown type can be sent as PNG
    headers: { 'content-type': content.type || 'image/png' },
    body: content,
  })
  return asset.parse(await response.json())
}
