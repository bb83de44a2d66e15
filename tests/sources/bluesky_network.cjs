// Bluesky's network on loopback (PLC, PDS, AppView, labeller) by @atproto/dev-env, with a stream in Jetstream's words.
//
// DB_POSTGRES_URL=... REDIS_HOST=... node bluesky_network.cjs FOLDER     FOLDER has node_modules/@atproto/dev-env
//
// Prints one line of JSON with the addresses; ends when its standard input does. The stream is that of the real relay
// wire (com.atproto.sync.subscribeRepos) of the PDS, told anew as github.com/bluesky-social/jetstream tells it.
const { createRequire } = require('module')
const dependency = createRequire(process.argv[2] + '/package.json')
const { TestNetwork } = dependency('@atproto/dev-env')
const within = createRequire(dependency.resolve('@atproto/dev-env'))
const { Firehose, MemoryRunner } = within('@atproto/sync')
const { WebSocketServer } = createRequire(within.resolve('@atproto/xrpc-server'))('ws')

const told = []
const listeners = new Set()

function wants({ asked, frame }) {
  const collections = asked.getAll('wantedCollections')
  const dids = asked.getAll('wantedDids')
  if (dids.length && !dids.includes(frame.did)) return false
  return frame.kind !== 'commit' || !collections.length || collections.includes(frame.commit.collection)
}

function tell(frame) {
  told.push(frame)
  for (const { socket, asked } of listeners) if (wants({ asked, frame })) socket.send(JSON.stringify(frame))
}

function framed(evt) {
  const common = { did: evt.did, time_us: Date.now() * 1000 + (told.length % 1000) }
  if (evt.event === 'identity') {
    return { ...common, kind: 'identity', identity: { did: evt.did, handle: evt.handle, seq: evt.seq, time: evt.time } }
  }
  if (evt.event === 'account') {
    const status = evt.status ? { status: evt.status } : {}
    return { ...common, kind: 'account', account: { active: evt.active, did: evt.did, seq: evt.seq, time: evt.time, ...status } }
  }
  if (!['create', 'update', 'delete'].includes(evt.event)) return null
  const commit = { rev: evt.rev, operation: evt.event, collection: evt.collection, rkey: evt.rkey }
  if (evt.event !== 'delete') Object.assign(commit, { record: evt.record, cid: evt.cid.toString() })
  return { ...common, kind: 'commit', commit }
}

async function main() {
  const network = await TestNetwork.create({ dbPostgresSchema: 'listen' })
  const firehose = new Firehose({
    idResolver: network.pds.ctx.idResolver,
    service: `ws://localhost:${network.pds.port}`,
    unauthenticatedCommits: true,
    runner: new MemoryRunner({ startCursor: 0 }),
    handleEvent: async (evt) => {
      const frame = framed(evt)
      if (frame) tell(frame)
    },
    onError: () => {},
  })
  firehose.start()
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.once('listening', resolve))
  server.on('connection', (socket, request) => {
    const asked = new URL(request.url, 'ws://x').searchParams
    const cursor = asked.get('cursor')
    if (cursor) {
      for (const frame of told) {
        if (frame.time_us >= Number(cursor) && wants({ asked, frame })) socket.send(JSON.stringify(frame))
      }
    }
    const one = { socket, asked }
    listeners.add(one)
    socket.on('close', () => listeners.delete(one))
  })
  const addresses = { pds: network.pds.url, appview: network.bsky.url, jetstream: `ws://127.0.0.1:${server.address().port}` }
  process.stdout.write(JSON.stringify(addresses) + '\n')
  process.stdin.resume()
  process.stdin.on('end', () => process.exit(0))
}

main().catch((fault) => {
  process.stderr.write(String(fault && fault.stack) + '\n')
  process.exit(1)
})
