// winston with its JSON format and the formats that people combine with it.
import winston from 'winston';
import { charge, failure } from '../checkout.js';
import { Sink, source, write } from '../golden.js';

const family = 'winston';
const { combine, errors, json, label, ms, printf, simple, splat, timestamp } = winston.format;

function line(format, logSomething, more = {}) {
  const stream = new Sink();
  const transports = [new winston.transports.Stream({ stream })];
  logSomething(winston.createLogger({ level: 'silly', format, transports, defaultMeta: { service: 'checkout' }, ...more }));
  return stream.text();
}

export default async function writeAll() {
  source(family, ['winston']);
  const error = await failure(charge, 1001);
  const common = combine(timestamp(), splat(), errors({ stack: true, cause: true }), json());
  const trace = { trace_id: '5b8efff798038103d269b633813fc60c', span_id: 'eee19b7ec3c1b174' };
  write(family, 'info', line(common, (log) => log.info('order %d accepted', 1001, { order_id: 1001 })));
  write(family, 'error', line(common, (log) => log.error(error)));
  write(family, 'error-as-meta', line(common, (log) => log.error('payment failed:', { error: { name: error.name, message: error.message, stack: error.stack }, ...trace })));
  const { levels } = winston.config.syslog;
  write(family, 'critical', line(common, (log) => log.crit('database is gone'), { levels, level: 'debug' }));
  write(family, 'emerg', line(common, (log) => log.emerg('everything is gone'), { levels, level: 'debug' }));
  write(family, 'silly', line(common, (log) => log.silly('cache hit')));
  write(family, 'http', line(common, (log) => log.http('GET /orders 200')));
  write(family, 'no-timestamp', line(json(), (log) => log.warn('stock is low'), { defaultMeta: undefined }));
  const local = combine(label({ label: 'orders' }), timestamp({ format: 'YYYY-MM-DD HH:mm:ss' }), ms(), json());
  write(family, 'label', line(local, (log) => log.error('payment failed')));
  write(family, 'simple', line(simple(), (log) => log.error('payment failed', { order_id: 1001 })));
  const text = combine(timestamp(), printf(({ timestamp: at, level, message }) => `${at} [${level}]: ${message}`));
  write(family, 'printf', line(text, (log) => log.error('payment failed')));
}
