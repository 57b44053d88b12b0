// A plain chat client on the npm package `ws`: what the host sends goes to standard output, a JSON object a line; what comes
// on standard input is sent as {"data": line}, or as it is where it starts with "raw ". The second
// argument is a file with the one root certificate to trust.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [url, rootFile] = process.argv.slice(2);
const socket = new WebSocket(url, rootFile ? { ca: readFileSync(rootFile) } : {});
const tell = (event) => console.log(JSON.stringify(event));
socket.on('open', () => tell({ event: 'open' }));
socket.on('message', (data) => tell({ event: 'message', message: JSON.parse(data.toString()) }));
socket.on('close', (code) => { tell({ event: 'close', code }); process.exit(0); });
socket.on('error', (error) => { tell({ event: 'error', text: error.message }); process.exit(1); });
createInterface({ input: process.stdin }).on('line', (line) =>
  socket.send(line.startsWith('raw ') ? line.slice(4) : JSON.stringify({ data: line })));
