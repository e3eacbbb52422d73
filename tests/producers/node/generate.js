// generate.js: writes libs/log-record/testdata/<family>/<case>.in for pino, winston, bunyan, ecs and text-node.
//
// The expected records beside them are written by people, who read what the library wrote and say what it means.
import { holdStill } from './golden.js';

holdStill();
for (const family of ['pino', 'winston', 'bunyan', 'ecs', 'text']) {
  const { default: writeAll } = await import(`./families/${family}.js`);
  await writeAll();
}
