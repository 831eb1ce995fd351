// Runs in Electron's main process before the shell: a person's answers to dialogs come from the test.
// What is asked is written to stderr, a line of JSON each.
const { app, dialog, shell } = require('electron')
const { EventEmitter } = require('node:events')
const https = require('node:https')
const { syncBuiltinESMExports } = require('node:module')
const { join } = require('node:path')
const { Readable } = require('node:stream')

/** By method: what the next dialogs are answered with, and the dialogs that wait for an answer. */
const answers = new Map(Object.entries(JSON.parse(process.env.LATENT_LOOM_TEST_ANSWERS ?? '{}')))
const waiting = new Map()

const tell = (asked, about) => process.stderr.write(`${JSON.stringify({ asked, about })}\n`)
const listOf = (map, key) => map.get(key) ?? map.set(key, []).get(key)
/** A dialog's options; they come after the window, where there is one. */
const aboutOf = (given) => given.at(-1)

globalThis.answerDialog = (method, answer) => {
  const [next] = listOf(waiting, method).splice(0, 1)
  if (next) next(answer)
  else listOf(answers, method).push(answer)
}

for (const method of ['showOpenDialog', 'showSaveDialog', 'showMessageBox']) {
  dialog[method] = (...given) => {
    tell(method, aboutOf(given))
    const prepared = listOf(answers, method)
    if (prepared.length > 0) return Promise.resolve(prepared.shift())
    return new Promise((resolve) => listOf(waiting, method).push(resolve))
  }
}
dialog.showMessageBoxSync = (...given) => {
  tell('showMessageBoxSync', aboutOf(given))
  return listOf(answers, 'showMessageBoxSync').shift() ?? aboutOf(given).cancelId
}
dialog.showErrorBox = (title, content) => tell('showErrorBox', { title, content })
shell.openExternal = async (url) => tell('openExternal', url)
shell.showItemInFolder = (path) => tell('showItemInFolder', path)

// what links lead to, so that no test needs the network
const { request } = https
https.request = (address, options) => {
  if (address.host !== 'workflows.test') return request(address, options)
  const asked = new EventEmitter()
  asked.end = () => {
    const text = JSON.stringify({ format: 'latent-loom', version: 1, name: 'Linked', nodes: {} })
    asked.emit('response', Object.assign(Readable.from([Buffer.from(text)]), { statusCode: 200, headers: {} }))
  }
  return asked
}
syncBuiltinESMExports()

// what the page needs and old Chromiums lack
if (Number.parseInt(process.versions.chrome, 10) < 125) {
  app.on('session-created', (session) => session.setPreloads([join(__dirname, 'old-chromium.cjs')]))
}
