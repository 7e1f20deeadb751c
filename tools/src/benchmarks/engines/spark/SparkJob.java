import static org.apache.spark.sql.avro.functions.from_avro;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.unix_millis;
import static org.apache.spark.sql.functions.window;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;

/** Counts per key and minute: structured streaming on two threads, 500,000 events a micro-batch, append mode. */
public final class SparkJob {
  public static void main(String[] args) throws Exception {
    String name = args[0], brokers = args[1], clicks = args[2], results = args[3], key = args[4], folder = args[6];
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName(name)
            .config("spark.ui.enabled", "false")
            .config("spark.log.level", "WARN")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.local.dir", folder)
            .config("spark.sql.warehouse.dir", folder + "/warehouse")
            .getOrCreate();
    spark.sparkContext().addSparkListener(new SaysFirst());
    spark
        .readStream()
        .format("kafka")
        .option("kafka.bootstrap.servers", brokers)
        .option("subscribe", clicks)
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", "500000")
        .load()
        .select(from_avro(expr("substring(value, 6)"), args[5]).as("click"))
        .select("click.event_time", "click." + key)
        .withWatermark("event_time", "1 minute")
        .groupBy(window(col("event_time"), "1 minute"), col(key))
        .count()
        .select(
            concat_ws(",", col(key), unix_millis(col("window.start"))).as("key"),
            col("count").cast("string").as("value"))
        .writeStream()
        .format("kafka")
        .option("kafka.bootstrap.servers", brokers)
        .option("topic", results)
        .option("checkpointLocation", folder + "/checkpoint")
        .outputMode("append")
        .start()
        .awaitTermination();
  }

  /** The first task is the one that reads the first records. */
  private static final class SaysFirst extends SparkListener {
    private final AtomicBoolean hasBegun = new AtomicBoolean();

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
      if (hasBegun.compareAndSet(false, true)) System.out.println("FIRST");
    }
  }
}
