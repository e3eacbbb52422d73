package logging

// snippet: go-kafka
import (
	"bytes"
	"context"
	"crypto/rand"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// KafkaWriter sends each line to a topic; Close flushes. A logger calls Write once a record.
type KafkaWriter struct {
	client *kgo.Client
	key    []byte // one per process: its lines stay in order, in one partition
}

// NewKafkaWriter returns a writer for the topic. Lines wait in memory while Kafka is away.
func NewKafkaWriter(topic string, brokers ...string) (*KafkaWriter, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(brokers...),
		kgo.DefaultProduceTopic(topic),
		kgo.ProducerLinger(50*time.Millisecond),
	)
	return &KafkaWriter{client, []byte(rand.Text())}, err
}

func (w *KafkaWriter) Write(line []byte) (int, error) {
	value := bytes.Clone(bytes.TrimRight(line, "\n"))
	// TryProduce never blocks: beyond 10,000 waiting lines it drops.
	w.client.TryProduce(context.Background(), &kgo.Record{Key: w.key, Value: value}, nil)
	return len(line), nil
}

// Close sends what waits, for at most ten seconds.
func (w *KafkaWriter) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	defer w.client.Close()
	return w.client.Flush(ctx)
}

// end snippet
