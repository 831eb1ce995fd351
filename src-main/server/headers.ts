const common = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
}

const page = {
  ...common,
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
}

/** Headers of answers with uploaded content: the browser must run nothing in it. */
const content = {
  ...common,
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'cache-control': 'no-store',
}

/** Headers of every answer. A handler may allow caching. */
export function headersOf(url: string): Readonly<Record<string, string>> {
  return isInterface(url) ? content : page
}

/** Whether an address belongs to the interface rather than to the page, by its path as the router decodes it. */
export function isInterface(url: string): boolean {
  const [path = ''] = url.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/)
  try {
    return decodeURIComponent(path).startsWith('/api/')
  } catch {
    // an address that cannot be decoded is no page
    return true
  }
}
