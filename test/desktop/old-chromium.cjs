// A preload script: gives the page what it needs and Chromium 114 lacks.
const { webFrame } = require('electron')

function polyfill() {
  const { WebSocket } = globalThis
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(String(url).replace(/^http/, 'ws'), protocols)
    }
  }
  Map.groupBy ??= (items, keyOf) => {
    const groups = new Map()
    for (const item of items) {
      const key = keyOf(item)
      groups.set(key, [...(groups.get(key) ?? []), item])
    }
    return groups
  }
}

webFrame.executeJavaScript(`(${polyfill})()`)
