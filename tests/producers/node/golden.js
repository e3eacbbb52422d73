// Where golden records are written, and the world that holds still while they are: clock, process id, host.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export const here = path.dirname(fileURLToPath(import.meta.url));
const testdata = path.resolve(here, '../../../libs/log-record/testdata');
const now = Date.parse('2026-11-20T22:15:16.515Z');

// Must run before the loggers are loaded: some read the host's name at once.
export function holdStill() {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      super(...(args.length ? args : [now]));
    }
    static now() {
      return now;
    }
  };
  Object.defineProperty(process, 'pid', { value: 4711 });
  os.hostname = () => 'ip-10-0-12-34';
  syncBuiltinESMExports();
}

// Keeps one Kafka message. The service is made to live in /srv/checkout instead of this checkout of the repository.
export function write(family, name, message) {
  fs.mkdirSync(path.join(testdata, family), { recursive: true });
  const settled = message.replaceAll(`file://${here}`, 'file:///srv/checkout').replaceAll(here, '/srv/checkout');
  fs.writeFileSync(path.join(testdata, family, `${name}.in`), settled);
}

// Says who wrote the records of a family.
export function source(family, libraries, note = '') {
  const require = createRequire(import.meta.url);
  const versions = libraries.map((name) => `${name} ${require(`./node_modules/${name}/package.json`).version}`);
  const writtenBy = versions.join(', ') || 'Node itself';
  fs.mkdirSync(path.join(testdata, family), { recursive: true });
  const text = `Written by ${writtenBy} (Node ${process.versions.node}), through tests/producers/node.\n${note && `${note}\n`}`;
  fs.writeFileSync(path.join(testdata, family, 'SOURCE'), text);
}

// Collects what a logger writes; `text()` is without the last line feed.
export class Sink extends Writable {
  chunks = [];
  _write(chunk, _encoding, done) {
    this.chunks.push(chunk.toString());
    done();
  }
  text() {
    return this.chunks.join('').replace(/\n$/, '');
  }
}

// What Node prints when a program ends with an uncaught error.
export function uncaught(program) {
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: here, stdio: 'pipe' });
  } catch (error) {
    return error.stderr.toString().replace(/\n$/, '');
  }
  throw new Error('the program did not fail');
}
