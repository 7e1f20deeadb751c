import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;

/** Counts per key and minute: exactly-once v2, in-memory store with changelog, one result when a window closes. */
public final class KafkaStreamsJob {
  /** Repartitioned records of four partitions come in any order, a fetch of each after the other; without grace many are lost. */
  private static final Duration NARROW_GRACE = Duration.ofMinutes(60);
  /** The last records of the topic jump ahead so far; a shorter retention would drop the windows that they close. */
  private static final Duration LAST_JUMP = Duration.ofMinutes(76);
  private static final byte[] NOTHING = new byte[0];

  private record Click(String key, long timeMs) {}

  public static void main(String[] args) {
    String name = args[0], brokers = args[1], clicks = args[2], results = args[3], key = args[4], folder = args[6];
    Schema written = new Schema.Parser().parse(args[5]);
    boolean isWide = key.equals("user_id");

    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    // Closed windows come out at once, not at most once a second: the last record of the run closes windows, too.
    settings.put("__emit.interval.ms.kstreams.windowed.aggregation__", 0L);

    Duration minute = Duration.ofMinutes(1);
    Duration grace = isWide ? Duration.ZERO : NARROW_GRACE;
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Click> stream =
        builder.stream(
            clicks,
            Consumed.with(Serdes.String(), new ClickSerde(written, key))
                .withTimestampExtractor((record, partitionTime) -> ((Click) record.value()).timeMs()));
    KStream<String, byte[]> keyed =
        isWide
            ? stream.mapValues(click -> NOTHING)
            : stream.map((user, click) -> KeyValue.pair(click.key(), NOTHING));
    keyed
        .groupByKey(Grouped.with("by-key", Serdes.String(), Serdes.ByteArray()))
        .windowedBy(TimeWindows.ofSizeAndGrace(minute, grace))
        .emitStrategy(EmitStrategy.onWindowClose())
        .count(
            Materialized.<String, Long>as(
                    Stores.inMemoryWindowStore("counts", minute.plus(grace).plus(LAST_JUMP), minute, false))
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.Long()))
        .toStream((window, count) -> window.key() + "," + window.window().start())
        .mapValues(count -> Long.toString(count))
        .to(results, Produced.with(Serdes.String(), Serdes.String()));

    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  private record ClickSerde(Schema written, String key) implements Serde<Click> {
    @Override
    public Serializer<Click> serializer() {
      return (topic, click) -> click.key().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Deserializer<Click> deserializer() {
      return new ClickDeserializer(written, key);
    }
  }

  /** Reads the two fields that the job needs; the others are skipped by Avro's schema resolution. */
  private static final class ClickDeserializer implements Deserializer<Click> {
    private static final AtomicBoolean HAS_BEGUN = new AtomicBoolean();
    private final GenericDatumReader<GenericRecord> reader;
    private final String key;
    private BinaryDecoder decoder;
    private GenericRecord reused;

    ClickDeserializer(Schema written, String key) {
      this.key = key;
      this.reader = new GenericDatumReader<>(written, projection(written, key));
    }

    @Override
    public Click deserialize(String topic, byte[] bytes) {
      if (!HAS_BEGUN.get() && HAS_BEGUN.compareAndSet(false, true)) System.out.println("FIRST");
      try {
        decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, decoder);
        reused = reader.read(reused, decoder);
        return new Click(reused.get(1).toString(), (Long) reused.get(0));
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  }

  static Schema projection(Schema written, String key) {
    Schema read = Schema.createRecord(written.getName(), null, written.getNamespace(), false);
    read.setFields(
        java.util.List.of(
            new Schema.Field("event_time", Schema.create(Schema.Type.LONG)),
            new Schema.Field(key, Schema.create(Schema.Type.STRING))));
    return read;
  }
}
