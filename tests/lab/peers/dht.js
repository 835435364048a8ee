// hyperdht. As "network" it is the DHT itself, of some nodes on the server's
// addresses; as "listen" it prints "local KEY" once it can be found; as
// "connect" it reads a KEY from standard input and connects. Both print "ready
// TIME" when they are connected.
//
// usage: dht.js network ADDRESS... | listen ADDRESS | connect ADDRESS
const { createRequire } = require('module')
const DHT = createRequire(process.cwd() + '/')('hyperdht')
const readline = require('readline')

const [role, ...addresses] = process.argv.slice(2)
const bootstrap = [{ host: addresses[0], port: 49737 }]
const now = () => (performance.timeOrigin + performance.now()) / 1000
const ready = () => console.log('ready ' + now().toFixed(6))

async function network () {
  const first = DHT.bootstrapper(49737, addresses[0])
  await first.fullyBootstrapped()
  for (let i = 0; i < 8; i++) {
    const host = addresses[i % addresses.length]
    const node = new DHT({ bootstrap, host, port: 49800 + i, ephemeral: false,
      firewalled: false, anyPort: false })
    await node.fullyBootstrapped()
  }
  console.log('local -')
}

async function listen () {
  const node = new DHT({ bootstrap })
  const server = node.createServer(socket => {
    socket.on('error', () => {})
    ready()
  })
  await server.listen()
  console.log('local ' + server.publicKey.toString('hex'))
}

async function connect () {
  const node = new DHT({ bootstrap })
  await node.fullyBootstrapped()
  console.log('local -')
  readline.createInterface({ input: process.stdin }).on('line', key => {
    const socket = node.connect(Buffer.from(key, 'hex'))
    socket.on('open', ready)
    socket.on('error', () => console.log('failed'))
  })
}

({ network, listen, connect })[role]()
process.stdin.resume().on('end', () => process.exit(0))
