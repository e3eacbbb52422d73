// send.js <bootstrap servers> <service>: logs an INFO, an ERROR with an exception and a FATAL.
import { charge } from './checkout.js';
import { logToKafka } from './kafka-pino.js';

const [bootstrapServers, service] = process.argv.slice(2);
if (!service) {
  console.error('usage: send <bootstrap servers> <service>');
  process.exit(64);
}

const { logger, close } = await logToKafka(bootstrapServers, service);
const trace = { trace_id: '5b8efff798038103d269b633813fc60c', span_id: 'eee19b7ec3c1b174' };

logger.info({ order_id: 1001 }, 'order 1001 accepted');
try {
  charge(1001);
} catch (err) {
  logger.error({ err, ...trace }, 'payment failed');
}
logger.fatal('database is gone');
await close();
