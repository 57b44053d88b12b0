// Node's zlib as the other end of permessage-deflate (RFC 7692 §7.2): takes the jobs of a file, a JSON line each, and prints what comes out of each.
import { readFileSync } from 'node:fs';
import zlib from 'node:zlib';

const Tail = Buffer.from([0, 0, 0xff, 0xff]);

// With small pieces of output a match has to come from the window, and cannot come from the output that is just being made.
const streams = {
  inflate: ({ windowBits }) => zlib.createInflateRaw({ windowBits, chunkSize: 64 }),
  deflate: ({ windowBits, level, memLevel }) => zlib.createDeflateRaw({ windowBits, level, memLevel }),
};

function pass(stream, bytes) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    const take = (piece) => pieces.push(piece);
    stream.on('data', take);
    stream.once('error', reject);
    stream.write(bytes);
    stream.flush(zlib.constants.Z_SYNC_FLUSH, () => {
      stream.off('data', take);
      stream.off('error', reject);
      resolve(Buffer.concat(pieces));
    });
  });
}

for (const line of readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)) {
  const job = JSON.parse(line);
  const stream = streams[job.do](job);
  const results = [];
  for (const message of job.messages.map((text) => Buffer.from(text, 'base64'))) {
    const result = await pass(stream, job.do === 'inflate' ? Buffer.concat([message, Tail]) : message);
    results.push(job.do === 'deflate' && result.subarray(-4).equals(Tail) ? result.subarray(0, -4) : result);
    if (!job.takeover) {
      stream.reset();
    }
  }
  stream.close();
  process.stdout.write(`${JSON.stringify(results.map((result) => result.toString('base64')))}\n`);
}
