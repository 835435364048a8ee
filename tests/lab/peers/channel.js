// ICE as libdatachannel does it. Prints "local TEXT" when all candidates are
// gathered, reads the other's TEXT from standard input, prints "ready TIME"
// when ICE is connected.
//
// usage: channel.js STUN_SERVER controlling|controlled
const { createRequire } = require('module')
const nodeDataChannel = createRequire(process.cwd() + '/')('node-datachannel')
const readline = require('readline')

const [server, role] = process.argv.slice(2)
const peer = new nodeDataChannel.PeerConnection(role, {
  iceServers: ['stun:' + server + ':3478']
})
const now = () => (performance.timeOrigin + performance.now()) / 1000
let told = false
let done = false

function tell () {
  if (told || peer.gatheringState() !== 'complete') return
  const local = peer.localDescription()
  if (!local) return
  told = true
  console.log('local ' + JSON.stringify(local))
}
peer.onGatheringStateChange(tell)
peer.onLocalDescription(tell)
peer.onIceStateChange(state => {
  if (done) return
  if (state === 'connected' || state === 'completed') {
    done = true
    console.log('ready ' + now().toFixed(6))
  }
  if (state === 'failed') console.log('failed')
})
readline.createInterface({ input: process.stdin }).on('line', line => {
  const { sdp, type } = JSON.parse(line)
  peer.setRemoteDescription(sdp, type)
}).on('close', () => process.exit(0))
if (role === 'controlling') peer.createDataChannel('talk')
