// pino to Kafka, sent by kafkajs.

// snippet: pino
import os from 'node:os';
import { Kafka, Partitioners } from 'kafkajs';
import pino from 'pino';

// The lines of a moment travel together. Logging never waits for Kafka, and what is waiting has a limit.
class KafkaLines {
  waiting = [];
  lost = 0;

  constructor(producer, service, topic = 'application-logs') {
    // The key keeps the lines of one instance in order.
    Object.assign(this, { producer, topic, key: `${service}/${os.hostname()}` });
  }

  write(line) {
    if (this.waiting.length < 10_000) this.waiting.push({ key: this.key, value: line.trimEnd() });
    else this.lost += 1;
    this.sending ??= this.send().finally(() => (this.sending = undefined));
  }

  async send() {
    while (this.waiting.length > 0) {
      const messages = this.waiting.splice(0);
      try {
        await this.producer.send({ topic: this.topic, messages });
      } catch (error) {
        this.lost += messages.length;
        console.error(`${this.lost} log lines were lost:`, error.message);
      }
    }
  }
}

export function kafkaLogger(producer, service) {
  const lines = new KafkaLines(producer, service);
  return { logger: pino({}, lines).child({ service }), lines };
}

export async function logToKafka(bootstrapServers, service) {
  const kafka = new Kafka({ clientId: service, brokers: bootstrapServers.split(',') });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const { logger, lines } = kafkaLogger(producer, service);
  const close = async () => {
    await lines.sending;
    await producer.disconnect();
  };
  return { logger, close };
}
// end snippet
