// Plain text with Node's own stacks: what console.error prints, and what Node prints as it dies.
import { inspect } from 'node:util';
import { charge, failure, readTotal } from '../checkout.js';
import { source, uncaught, write } from '../golden.js';

const family = 'text-node';

class Cart {
  #items = [];
  static async load() {
    await null;
    return new Cart().first();
  }
  first() {
    return this.#items.map((item) => item.id)[0].toString();
  }
}

export default async function writeAll() {
  source(family, []);
  const paid = await failure(charge, 1001);
  const total = await failure(readTotal, {});
  write(family, 'stack', total.stack);
  write(family, 'error', `ERROR payment failed\n${paid.stack}`);
  write(family, 'cause', `[error] payment failed ${inspect(paid)}`);
  write(family, 'cause-alone', inspect(paid));
  write(family, 'critical', `FATAL: worker is going down\n${total.stack}`);
  write(family, 'native', `error: no first item\n${(await failure(() => [1, 2].map((id) => id.name.length))).stack}`);
  write(family, 'async', `error: cart is broken\n${(await failure(Cart.load)).stack}`);
  write(family, 'json-parse', `WARN bad body: ${(await failure(JSON.parse, '{"a":')).stack}`);
  write(family, 'no-frames', 'ERROR payment failed\nError: connection to payments timed out');
  write(family, 'uncaught', uncaught("import { charge } from './checkout.js'; charge(7);"));
  write(family, 'unhandled-rejection', uncaught("import { failure } from './checkout.js'; Promise.reject('no reason');"));
}
