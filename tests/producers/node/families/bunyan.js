// bunyan: numbers for levels, `name` for the service.
import bunyan from 'bunyan';
import { charge, failure } from '../checkout.js';
import { Sink, source, write } from '../golden.js';

const family = 'bunyan';

function line(logSomething) {
  const stream = new Sink();
  logSomething(bunyan.createLogger({ name: 'checkout', stream, level: 'trace', serializers: bunyan.stdSerializers }));
  return stream.text();
}

export default async function writeAll() {
  source(family, ['bunyan']);
  const err = await failure(charge, 1001);
  const trace = { trace_id: '5b8efff798038103d269b633813fc60c', span_id: 'eee19b7ec3c1b174' };
  write(family, 'info', line((log) => log.info({ order_id: 1001 }, 'order %d accepted', 1001)));
  write(family, 'error', line((log) => log.error({ err, ...trace }, 'payment failed')));
  write(family, 'error-alone', line((log) => log.error(err)));
  write(family, 'critical', line((log) => log.fatal('database is gone')));
  write(family, 'warn', line((log) => log.warn('stock is low')));
  write(family, 'trace', line((log) => log.child({ component: 'cache' }).trace('hit')));
}
