// pino to Kafka, sent by kafkajs.

// snippet: pino
import { Writable } from 'node:stream';
import { Kafka } from 'kafkajs';
import pino from 'pino';

// The lines of a moment travel together; logging never waits for Kafka.
class KafkaStream extends Writable {
  constructor(producer, service, topic = 'application-logs') {
    super({ decodeStrings: false, highWaterMark: 10_000 });
    Object.assign(this, { producer, service, topic });
  }

  _write(line, _encoding, done) {
    this._writev([{ chunk: line }], done);
  }

  _writev(lines, done) {
    const messages = lines.map(({ chunk }) => ({ key: this.service, value: chunk.trimEnd() }));
    this.producer
      .send({ topic: this.topic, messages })
      .catch((error) => console.error('log lines were lost:', error.message))
      .finally(done);
  }
}

export function kafkaLogger(producer, service) {
  const stream = new KafkaStream(producer, service);
  const logger = pino({ base: { service, pid: process.pid, hostname: process.env.HOSTNAME } }, stream);
  return { logger, stream };
}

export async function logToKafka(bootstrapServers, service) {
  const producer = new Kafka({ clientId: service, brokers: bootstrapServers.split(',') }).producer();
  await producer.connect();
  const { logger, stream } = kafkaLogger(producer, service);
  const close = async () => {
    await new Promise((finished) => stream.end(finished));
    await producer.disconnect();
  };
  return { logger, close };
}
// end snippet
