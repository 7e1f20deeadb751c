import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Counts per key and minute: parallelism 1, heap state, a checkpoint a second, exactly-once Kafka sink. */
public final class FlinkJob {
  public static void main(String[] args) throws Exception {
    String name = args[0], brokers = args[1], clicks = args[2], results = args[3], key = args[4], folder = args[6];

    Configuration settings = new Configuration();
    settings.setString("execution.checkpointing.interval", "1 s");
    settings.setString("execution.checkpointing.storage", "filesystem");
    settings.setString("execution.checkpointing.dir", "file://" + folder);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
    environment.getConfig().enableObjectReuse();

    KafkaSource<Tuple2<String, Long>> source =
        KafkaSource.<Tuple2<String, Long>>builder()
            .setBootstrapServers(brokers)
            .setTopics(clicks)
            .setGroupId(name)
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setValueOnlyDeserializer(new ClickReader(args[5], key))
            .build();
    KafkaSink<Tuple3<String, Long, Long>> sink =
        KafkaSink.<Tuple3<String, Long, Long>>builder()
            .setBootstrapServers(brokers)
            .setRecordSerializer(new ResultWriter(results))
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            .setTransactionalIdPrefix(name)
            .setProperty("transaction.timeout.ms", "60000")
            .build();
    environment
        .fromSource(
            source,
            WatermarkStrategy.<Tuple2<String, Long>>forMonotonousTimestamps()
                .withTimestampAssigner((click, timestampMs) -> click.f1),
            "clicks")
        .keyBy(click -> click.f0)
        .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
        .aggregate(new Count(), new WithStart())
        .sinkTo(sink);
    environment.execute(name);
  }

  /** Reads the two fields that the job needs; the others are skipped by Avro's schema resolution. */
  private static final class ClickReader extends AbstractDeserializationSchema<Tuple2<String, Long>> {
    private static final AtomicBoolean HAS_BEGUN = new AtomicBoolean();
    private final String written;
    private final String key;
    private transient GenericDatumReader<GenericRecord> reader;
    private transient BinaryDecoder decoder;
    private transient GenericRecord reused;

    ClickReader(String written, String key) {
      super(TypeInformation.of(new TypeHint<Tuple2<String, Long>>() {}));
      this.written = written;
      this.key = key;
    }

    @Override
    public void open(InitializationContext context) {
      Schema schema = new Schema.Parser().parse(written);
      Schema read = Schema.createRecord(schema.getName(), null, schema.getNamespace(), false);
      read.setFields(
          List.of(
              new Schema.Field("event_time", Schema.create(Schema.Type.LONG)),
              new Schema.Field(key, Schema.create(Schema.Type.STRING))));
      reader = new GenericDatumReader<>(schema, read);
    }

    @Override
    public Tuple2<String, Long> deserialize(byte[] bytes) throws IOException {
      if (!HAS_BEGUN.get() && HAS_BEGUN.compareAndSet(false, true)) System.out.println("FIRST");
      decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, decoder);
      reused = reader.read(reused, decoder);
      return Tuple2.of(reused.get(1).toString(), (Long) reused.get(0));
    }
  }

  private static final class Count implements AggregateFunction<Tuple2<String, Long>, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Tuple2<String, Long> click, Long count) {
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long one, Long other) {
      return one + other;
    }
  }

  private static final class WithStart
      extends ProcessWindowFunction<Long, Tuple3<String, Long, Long>, String, TimeWindow> {
    @Override
    public void process(
        String key, Context context, Iterable<Long> counts, Collector<Tuple3<String, Long, Long>> out) {
      out.collect(Tuple3.of(key, context.window().getStart(), counts.iterator().next()));
    }
  }

  private record ResultWriter(String topic) implements KafkaRecordSerializationSchema<Tuple3<String, Long, Long>> {
    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Tuple3<String, Long, Long> result, KafkaSinkContext context, Long timestampMs) {
      byte[] key = (result.f0 + "," + result.f1).getBytes(StandardCharsets.UTF_8);
      return new ProducerRecord<>(topic, key, Long.toString(result.f2).getBytes(StandardCharsets.UTF_8));
    }
  }
}
