// pino, as kafka-pino.js configures it and as others do.
import pino from 'pino';
import { charge, failure, readTotal } from '../checkout.js';
import { Sink, source, write } from '../golden.js';
import { kafkaLogger } from '../kafka-pino.js';

const family = 'pino';
const trace = { trace_id: '5b8efff798038103d269b633813fc60c', span_id: 'eee19b7ec3c1b174' };

// What the stream of the guide hands to Kafka.
async function sent(logSomething) {
  const messages = [];
  const producer = { send: async (batch) => messages.push(...batch.messages) };
  const { logger, lines } = kafkaLogger(producer, 'checkout');
  logSomething(logger);
  await lines.sending;
  return messages.map(({ value }) => value).join('\n');
}

function line(options, logSomething) {
  const sink = new Sink();
  logSomething(pino(options, sink));
  return sink.text();
}

export default async function writeAll() {
  source(family, ['pino']);
  const paid = await failure(charge, 1001);
  const total = await failure(readTotal, {});
  write(family, 'info', await sent((log) => log.info({ order_id: 1001, total: 12.5 }, 'order %d accepted', 1001)));
  write(family, 'error', await sent((log) => log.error({ err: paid, ...trace }, 'payment failed')));
  write(family, 'critical', await sent((log) => log.fatal('database is gone')));
  write(family, 'error-alone', await sent((log) => log.error(total)));
  write(family, 'trace', await sent((log) => log.child({}, { level: 'trace' }).trace('cache hit')));

  // pino's own defaults with a name: the only place where `name` is the service.
  write(family, 'name', line({ name: 'checkout' }, (log) => log.warn('stock is low')));
  write(family, 'custom-number', line({ name: 'checkout', customLevels: { audit: 35 } }, (log) => log.audit('stock counted')));
  const formatters = { level: (level) => ({ level }) };
  const words = { formatters, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message', base: { app: 'checkout' } };
  write(family, 'words', line(words, (log) => log.fatal('database is gone')));
  const google = { ...words, formatters: { level: (label, number) => ({ severity: label.toUpperCase(), level: number }) } };
  write(family, 'severity-and-number', line({ ...google, serializers: { error: pino.stdSerializers.err } }, (log) => log.error({ error: total }, 'no total')));
  const nested = { name: 'checkout', nestedKey: 'payload', timestamp: pino.stdTimeFunctions.unixTime };
  write(family, 'nested-key', line(nested, (log) => log.warn({ level: 'mine', order_id: 1001 }, 'stock is low')));
  write(family, 'batch', await sent((log) => {
    log.info('first');
    log.error('second');
  }));
}
