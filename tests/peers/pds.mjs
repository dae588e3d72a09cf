// The real Bluesky server for tests: node pds.mjs FOLDER PDS_PORT PLC_PORT, in the folder where it is installed.
// Says "ready" once it answers; ends when its input ends. Whatever listens, listens on this machine only.
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import { pathToFileURL } from 'node:url'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  const options = typeof first === 'object' ? first : { port: first }
  return listen.call(this, { port: options.port, host: '127.0.0.1' }, ...rest.filter((one) => typeof one === 'function'))
}

const [folder, pdsPort, plcPort] = process.argv.slice(2)
const require = createRequire(`${process.cwd()}/`)
const installed = (name) => import(pathToFileURL(require.resolve(name)))

Object.assign(process.env, {
  PDS_HOSTNAME: 'localhost',
  PDS_PORT: pdsPort,
  PDS_DEV_MODE: 'true',
  PDS_DATA_DIRECTORY: `${folder}/data`,
  PDS_BLOBSTORE_DISK_LOCATION: `${folder}/blobs`,
  PDS_DID_PLC_URL: `http://127.0.0.1:${plcPort}`,
  PDS_INVITE_REQUIRED: 'false',
  PDS_SERVICE_HANDLE_DOMAINS: '.test',
  PDS_BSKY_APP_VIEW_URL: 'http://127.0.0.1:9',
  PDS_BSKY_APP_VIEW_DID: 'did:web:localhost',
  PDS_RATE_LIMITS_ENABLED: 'false',
  LOG_ENABLED: 'false',
  ...process.env,
})
mkdirSync(process.env.PDS_DATA_DIRECTORY, { recursive: true })
mkdirSync(process.env.PDS_BLOBSTORE_DISK_LOCATION, { recursive: true })

const plc = await installed('@did-plc/server')
const { Database, PlcServer } = plc.default ?? plc
const { PDS, envToCfg, envToSecrets, readEnv } = await installed('@atproto/pds')
await PlcServer.create({ db: Database.mock(), port: Number(plcPort) }).start()
const env = readEnv()
const server = await PDS.create(envToCfg(env), envToSecrets(env))
await server.start()
console.log('ready')
process.stdin.resume().on('end', () => process.exit(0))
