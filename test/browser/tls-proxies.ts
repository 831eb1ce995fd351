import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where a proxy listens, and what it leads to. */
interface Way {
  /** Empty, the proxy's own. */
  readonly folder: string
  readonly name: string
  readonly port: number
  /** Port of the server behind it. */
  readonly to: number
}

interface Proxy {
  readonly command: string
  /** Prints its version. */
  readonly version: string
  start(way: Way): ChildProcess
}

/** The proxies with TLS that the tests know, each as its own documentation sets it up. */
const proxies: readonly Proxy[] = [
  {
    command: 'caddy',
    version: 'version',
    start({ folder, name, port, to }) {
      const file = join(folder, 'Caddyfile')
      const globals = [
        'admin off',
        'skip_install_trust',
        'auto_https disable_redirects',
        `storage file_system ${folder}`,
      ]
      const site = ['bind 127.0.0.1', 'tls internal', `reverse_proxy 127.0.0.1:${to}`]
      writeFileSync(file, `{\n${globals.join('\n')}\n}\nhttps://${name}:${port} {\n${site.join('\n')}\n}\n`)
      return spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
        stdio: 'ignore',
        env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      })
    },
  },
  {
    command: 'nginx',
    version: '-v',
    start({ folder, name, port, to }) {
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
      const asked = [
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        key,
        '-out',
        certificate,
        '-subj',
        `/CN=${name}`,
      ]
      execFileSync('openssl', ['req', ...asked], { stdio: 'ignore' })
      for (const kind of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, kind))
      const file = join(folder, 'nginx.conf')
      writeFileSync(
        file,
        `daemon off; pid ${folder}/pid; error_log ${folder}/log; events {}
        http {
          access_log off;
          client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
          uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
          server {
            listen 127.0.0.1:${port} ssl; server_name ${name};
            ssl_certificate ${certificate}; ssl_certificate_key ${key};
            location / {
              # its workers may not write into the folder of the test
              proxy_max_temp_file_size 0;
              proxy_pass http://127.0.0.1:${to};
              proxy_http_version 1.1;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection "upgrade";
            }
          }
        }`,
      )
      return spawn('nginx', ['-p', folder, '-e', join(folder, 'log'), '-c', file], { stdio: 'ignore' })
    },
  },
]

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The proxies of this machine. */
export const installedProxies = (): readonly Proxy[] =>
  proxies.filter(
    ({ command, version }) => runs(command, version) && (command === 'caddy' || runs('openssl', 'version')),
  )

/** Starts a proxy and waits until it takes connections. @returns ends it */
export async function startProxy(proxy: Proxy, way: Way): Promise<() => Promise<void>> {
  const child = proxy.start(way)
  const ended = once(child, 'exit')
  while (!(await accepts(way.port))) {
    if (child.exitCode !== null) throw new Error(`${proxy.command} ended with ${child.exitCode}`)
    await sleep(20)
  }
  return async () => {
    child.kill()
    await ended
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
