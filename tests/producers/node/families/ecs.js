// @elastic/ecs-pino-format; the other records of the family are Python's.
import { ecsFormat } from '@elastic/ecs-pino-format';
import pino from 'pino';
import { charge, failure } from '../checkout.js';
import { Sink, write } from '../golden.js';

function line(logSomething, options = {}) {
  const sink = new Sink();
  const format = ecsFormat({ apmIntegration: false, serviceName: 'checkout', serviceVersion: '1.4.2', ...options });
  logSomething(pino(format, sink));
  return sink.text();
}

export default async function writeAll() {
  const err = await failure(charge, 1001);
  const trace = { 'trace.id': '5b8efff798038103d269b633813fc60c', 'span.id': 'eee19b7ec3c1b174' };
  write('ecs', 'node-info', line((log) => log.info({ order: { id: 1001 } }, 'order 1001 accepted')));
  write('ecs', 'node-error', line((log) => log.error({ err, ...trace }, 'payment failed')));
  write('ecs', 'node-critical', line((log) => log.child({ module: 'orders' }).fatal('database is gone')));
  const environment = { serviceEnvironment: 'prod', serviceNodeName: 'checkout-7', eventDataset: 'checkout.log' };
  write('ecs', 'node-environment', line((log) => log.warn('stock is low'), environment));
}
